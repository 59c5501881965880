// Drives the HTML deck in Debian's Chromium, from a file offline or from a server, and prints what it saw as JSON.
// Usage: node deck.mjs CHROMIUM NODE_MODULES PAGE-OR-URL FOLDER-FOR-PICTURES [loops]
import { createRequire } from 'node:module';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const [chromiumPath, modules, page, shots, kind] = process.argv.slice(2);
const require = createRequire(`${modules}/`);
const { chromium } = require('playwright-core');
const axeSource = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const address = page.startsWith('http:') ? page : pathToFileURL(page).href;
const served = address.startsWith('http:');
const seen = { problems: [], remote: [], states: {}, axe: {} };
const browser = await chromium.launch({
  executablePath: chromiumPath,
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync'],
});

async function open(options = {}, hash = '') {
  const context = await browser.newContext({ viewport: { width: 1280, height: 772 }, offline: !served, ...options });
  context.on('page', (tab) => {
    tab.on('console', (m) => ['error', 'warning'].includes(m.type()) && seen.problems.push(m.text()));
    tab.on('pageerror', (error) => seen.problems.push(String(error)));
    tab.on('request', (r) => /^(file|data|blob|about):/.test(r.url()) || (served && r.url().startsWith(new URL(address).origin)) || seen.remote.push(r.url()));
    tab.on('requestfailed', (r) => r.failure().errorText === 'net::ERR_ABORTED' || seen.problems.push(`${r.url()}: ${r.failure().errorText}`));
  });
  const tab = await context.newPage();
  await tab.goto(address + hash);
  await tab.waitForSelector('body[data-ready]');
  return { context, tab };
}

const state = (tab) => tab.evaluate(() => {
  const slide = document.querySelector('.slides > section.present');
  const film = slide.querySelector('video');
  const strip = slide.querySelector('.caption');
  return {
    hash: location.hash,
    slide: slide.id,
    where: document.getElementById('where').textContent,
    live: document.getElementById('live').textContent,
    stills: [...slide.querySelectorAll('.screen img.on')].map((image) => [image.dataset.file, image.naturalWidth]),
    film: film && { front: film.classList.contains('on'), paused: film.paused, time: film.currentTime, width: film.videoWidth },
    caption: strip && !strip.hidden ? strip.textContent : null,
  };
});
const note = async (name, tab) => { seen.states[name] = await state(tab); };
const still = (tab) => tab.waitForFunction(() => {
  const film = document.querySelector('.slides > section.present video');
  return film && film.paused && !film.seeking;
});
async function press(tab, key, name, settle = true) {
  await tab.keyboard.press(key);
  await tab.waitForTimeout(250);
  if (settle) await still(tab);
  await note(name, tab);
}
async function axe(tab, name) {
  // from the debugger: the page's own policy lets no other script in
  seen.axe[name] = await tab.evaluate(`(async () => { ${axeSource};
    const found = await axe.run(document, { resultTypes: ['violations'], preload: false });
    return found.violations.map((v) => [v.id, v.impact, v.nodes.length, v.nodes[0].html.slice(0, 160)]); })()`);
}

// Every picture that the browser shows while someone steps to and fro.
async function watched(tab, folder, walk) {
  mkdirSync(folder, { recursive: true });
  const session = await tab.context().newCDPSession(tab);
  let count = 0;
  session.on('Page.screencastFrame', ({ data, sessionId }) => {
    writeFileSync(`${folder}/${String(count++).padStart(5, '0')}.png`, Buffer.from(data, 'base64'));
    session.send('Page.screencastFrameAck', { sessionId }).catch(() => {});
  });
  await session.send('Page.startScreencast', { format: 'png', maxWidth: 480, maxHeight: 290, everyNthFrame: 1 });
  await walk();
  await session.send('Page.stopScreencast');
  seen.watched = count;
}

const { context, tab } = await open();
await note('cover', tab);
await axe(tab, 'cover');
await press(tab, 'ArrowRight', 'first moving', false);
await tab.waitForTimeout(500);
await note('first moving', tab);
if (kind === 'loops') {
  await tab.evaluate(() => new Promise((done) => {
    document.querySelector('.slides > section.present video').addEventListener('seeked', done, { once: true });
  }));
  await tab.waitForTimeout(700);
  await note('second round', tab);
  await press(tab, 'ArrowRight', 'second', false);
  await finish();
}
await still(tab);
await note('first', tab);
await tab.screenshot({ path: `${shots}/first.png` });
await axe(tab, 'stage');
await watched(tab, `${shots}/walk`, async () => {
  await press(tab, 'ArrowRight', 'second');
  await press(tab, 'ArrowRight', 'third moving', false);
  await press(tab, 'ArrowRight', 'third completed');
  await press(tab, 'ArrowLeft', 'back to second');
  await press(tab, 'ArrowLeft', 'back to first');
  await press(tab, 'ArrowRight', 'second again');
  await press(tab, 'ArrowDown', 'next stage');
  await press(tab, 'ArrowLeft', 'back over the border');
  await press(tab, 'ArrowRight', 'over the border');
  await press(tab, 'ArrowLeft', 'back once more');
});
await press(tab, 'c', 'other captions');
await tab.screenshot({ path: `${shots}/captions.png` });
await press(tab, 'c', 'no captions');
await press(tab, 'c', 'own captions');

await tab.evaluate(() => {
  const place = document.getElementById('place');
  place.focus();
  place.value = Math.round(Number(place.max) / 2);
  place.dispatchEvent(new Event('input', { bubbles: true }));
});
await tab.waitForTimeout(600);
await note('scrubbed', tab);
seen.place = await tab.evaluate(() => { const p = document.getElementById('place'); return { value: Number(p.value), max: Number(p.max), said: p.getAttribute('aria-valuetext') }; });
await tab.evaluate(() => document.activeElement.blur());
await press(tab, 'ArrowRight', 'on from there');

await tab.keyboard.press('m');
await tab.waitForTimeout(500);
await tab.screenshot({ path: `${shots}/map.png` });
seen.map = await tab.evaluate(() => ({
  stations: [...document.querySelectorAll('#map button[data-h]')].map((b) => b.textContent),
  pictures: [...document.querySelectorAll('#map img')].filter((i) => i.naturalWidth).length,
  focused: document.activeElement.closest('dialog') !== null,
}));
await axe(tab, 'map');
await tab.click('#map li:last-child button');
await tab.waitForTimeout(400);
await still(tab);
await note('jumped', tab);
await tab.keyboard.press('i');
await axe(tab, 'about');
seen.about = await tab.textContent('#about');
await tab.keyboard.press('Escape');

const [speaker] = await Promise.all([context.waitForEvent('page'), tab.keyboard.press('s')]);
await speaker.waitForTimeout(1200);
await speaker.screenshot({ path: `${shots}/speaker.png` });
seen.speaker = await speaker.evaluate(() => ({
  title: document.getElementById('s-title').textContent,
  notes: document.getElementById('s-notes').textContent,
  pictures: [...document.querySelectorAll('img')].map((i) => i.hidden || i.naturalWidth > 0),
  captions: [...document.querySelectorAll('#s-captions p')].map((p) => [p.lang, p.textContent]),
}));
await axe(speaker, 'speaker');
await speaker.keyboard.press('ArrowLeft');
await tab.waitForTimeout(400);
await note('from the speaker', tab);
seen.speakerAfter = await speaker.textContent('#s-where');

seen.tabbed = [];
await tab.bringToFront();
for (let k = 0; k < 8; k += 1) {
  await tab.keyboard.press('Tab');
  seen.tabbed.push(await tab.evaluate(() => document.activeElement.dataset.act || document.activeElement.id || document.activeElement.tagName));
}

const calm = await open({ reducedMotion: 'reduce' });
await calm.tab.keyboard.press('ArrowRight');
await calm.tab.waitForTimeout(400);
await note('calm', calm.tab);

const deep = await open({}, seen.states['second'].hash);
await deep.tab.waitForTimeout(500);
await note('deep link', deep.tab);
const small = await open({ viewport: { width: 600, height: 420 }, colorScheme: 'dark' });
await axe(small.tab, 'small');
await finish();

async function finish() {
  await browser.close();
  console.log(JSON.stringify(seen));
  process.exit(0);
}
