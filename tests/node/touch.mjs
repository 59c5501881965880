// Uses the HTML deck with fingers on screens of many sizes, and prints what it saw of each as JSON.
// Usage: node touch.mjs CHROMIUM NODE_MODULES PAGE FOLDER-FOR-PICTURES WIDTHxHEIGHT ...
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const [chromiumPath, modules, page, shots, ...sizes] = process.argv.slice(2);
const require = createRequire(`${modules}/`);
const { chromium } = require('playwright-core');
const axeSource = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const browser = await chromium.launch({
  executablePath: chromiumPath,
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync'],
});

// Everything that can be pressed and is to be seen: its name, its box, and what lies on top of its middle.
const controls = (tab) => tab.evaluate(() => {
  const top = document.querySelector('dialog[open]') || document;
  const found = [...top.querySelectorAll('button, input, summary, #where')].filter((e) => e.checkVisibility({ visibilityProperty: true, contentVisibilityAuto: true }));
  return found.map((e) => {
    e.scrollIntoView({ block: 'nearest' });
    const box = e.getBoundingClientRect();
    const hit = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
    return {
      name: e.dataset.act || e.id || e.dataset.h || e.tagName,
      box: [box.left, box.top, box.right, box.bottom],
      room: [innerWidth, innerHeight],
      free: hit === e || e.contains(hit),
      pressed: e.id !== 'where',
    };
  });
});
const state = (tab) => tab.evaluate(() => {
  const slide = document.querySelector('.slides > section.present');
  const screen = slide.querySelector('.screen');
  const box = (screen || slide).getBoundingClientRect();
  return {
    slide: slide.id,
    where: document.getElementById('where').textContent,
    playing: screen ? !slide.querySelector('video').paused : null,
    picture: [box.left, box.top, box.right, box.bottom],
    bar: document.getElementById('bar').getBoundingClientRect().top,
    scrolls: document.documentElement.scrollWidth > innerWidth || document.documentElement.scrollHeight > innerHeight,
    captions: document.getElementById('captions').textContent,
    below: document.getElementById('live').checkVisibility({ visibilityProperty: true }) && getComputedStyle(document.getElementById('live')).position === 'static',
  };
});

async function swipe(tab, protocol, by) {
  const { width, height } = tab.viewportSize();
  const at = (x) => [{ x, y: height * 0.35 }];
  await protocol.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: at(width / 2 - by / 2) });
  for (const part of [0.25, 0.5, 0.75, 1]) {
    await protocol.send('Input.dispatchTouchEvent', { type: 'touchMove', touchPoints: at(width / 2 - by / 2 + by * part) });
  }
  await protocol.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
  await tab.waitForTimeout(250);
}

async function used(size) {
  const [width, height] = size.split('x').map(Number);
  const seen = { problems: [], states: {}, controls: {}, axe: {} };
  const context = await browser.newContext({ viewport: { width, height }, offline: true, hasTouch: true, isMobile: Math.min(width, height) < 1000 });
  const tab = await context.newPage();
  tab.on('console', (m) => ['error', 'warning'].includes(m.type()) && seen.problems.push(m.text()));
  tab.on('pageerror', (error) => seen.problems.push(String(error)));
  const protocol = await context.newCDPSession(tab);
  const note = async (name) => { seen.states[name] = await state(tab); };
  const tap = async (what, name) => { await tab.tap(what); await tab.waitForTimeout(250); await note(name); };
  const axe = async (name) => {
    seen.axe[name] = await tab.evaluate(`(async () => { ${axeSource};
      const found = await axe.run(document, { resultTypes: ['violations'], preload: false });
      return found.violations.map((v) => [v.id, v.impact, v.nodes.length, v.nodes[0].html.slice(0, 160)]); })()`);
  };
  const shoot = (name) => tab.screenshot({ path: `${shots}/${size}-${name}.png` });
  await tab.goto(pathToFileURL(page).href);
  await tab.waitForSelector('body[data-ready]');
  await note('cover');
  await shoot('cover');
  await tap('#cover', 'tapped');
  await tab.touchscreen.tap(width / 2, height * 0.35);
  await tab.waitForTimeout(250);
  await note('completed');
  seen.controls.bar = await controls(tab);
  await shoot('stage');
  await axe('stage');
  await swipe(tab, protocol, -width * 0.4);
  await note('swiped on');
  await swipe(tab, protocol, width * 0.4);
  await swipe(tab, protocol, width * 0.4);
  await note('swiped back');
  await tab.keyboard.press('ArrowDown');
  await tab.keyboard.press('ArrowRight');
  await tab.waitForTimeout(250);
  await note('by key');
  await tap('[data-act=captions]', 'other captions');
  await shoot('captions');
  await tap('[data-act=captions]', 'no captions');
  await tap('[data-act=captions]', 'own captions');
  await tap('#bar [data-act=map]', 'map');
  seen.controls.map = await controls(tab);
  await axe('map');
  await shoot('map');
  await tap('#map li:last-child button', 'jumped');
  await tap('#bar [data-act=about]', 'about');
  await tab.tap('#about summary');
  seen.controls.about = await controls(tab);
  await axe('about');
  await shoot('about');
  seen.about = await tab.evaluate(() => { const d = document.getElementById('about'); return [d.scrollWidth - d.clientWidth, d.textContent]; });
  await tap('#about [data-act=about]', 'closed');
  await tap('#bar [data-act=next]', 'by button');
  await context.close();
  return seen;
}

const all = {};
for (const size of sizes) all[size] = await used(size);
await browser.close();
console.log(JSON.stringify(all));
