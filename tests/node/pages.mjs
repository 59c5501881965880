// Opens pages in Chromium and prints, for each, what became of its pictures, videos and subtitles, as JSON.
// Usage: node pages.mjs CHROMIUM NODE_MODULES FOLDER-FOR-PICTURES URL ...
import { createRequire } from 'node:module';

const [chromiumPath, modules, shots, ...urls] = process.argv.slice(2);
const { chromium } = createRequire(`${modules}/`)('playwright-core');
const browser = await chromium.launch({
  executablePath: chromiumPath,
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync'],
});
const seen = [];
for (const url of urls) {
  const problems = [];
  const tab = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  tab.on('console', (m) => ['error', 'warning'].includes(m.type()) && problems.push(m.text()));
  tab.on('pageerror', (error) => problems.push(String(error)));
  tab.on('response', (r) => r.status() >= 400 && problems.push(`${r.url()}: ${r.status()}`));
  await tab.goto(url, { waitUntil: 'load' });
  await tab.waitForTimeout(1500);
  const found = await tab.evaluate(async () => {
    const box = (e) => { const b = e.getBoundingClientRect(); return [b.left, b.top, b.width, b.height].map(Math.round); };
    const cues = (track) => new Promise((done) => {
      track.track.mode = 'hidden';
      const tell = () => done([...(track.track.cues || [])].map((cue) => cue.text));
      if (track.readyState === 2) tell();
      track.addEventListener('load', tell);
      track.addEventListener('error', tell);
    });
    const loads = (address) => new Promise((done) => {
      const image = new Image();
      image.onload = () => done(image.naturalWidth);
      image.onerror = () => done(0);
      image.src = address;
    });
    return {
      text: document.body.innerText.trim(),
      headings: [...document.querySelectorAll('h1, h2')].map((h) => h.textContent),
      images: [...document.images].map((image) => ({ alt: image.alt, width: image.naturalWidth, box: box(image) })),
      videos: await Promise.all([...document.querySelectorAll('video')].map(async (video) => ({
        label: video.getAttribute('aria-label'),
        playing: !video.paused && video.currentTime > 0,
        time: video.currentTime,
        size: [video.videoWidth, video.videoHeight],
        seconds: video.duration,
        poster: video.poster ? await loads(video.poster) : null,
        tracks: await Promise.all([...video.querySelectorAll('track')].map(async (t) => [t.srclang, await cues(t)])),
        box: box(video),
      }))),
    };
  });
  await tab.screenshot({ path: `${shots}/${seen.length}.png` });
  seen.push({ ...found, problems });
  await tab.close();
}
await browser.close();
process.stdout.write(JSON.stringify(seen));
