// The lecture in the browser: reveal.js keeps the place, a Player for each stage shows it.
'use strict';

(() => {
  const data = JSON.parse(document.getElementById('lecture').textContent);
  const words = data.words;
  const $ = (id) => document.getElementById(id);
  const calm = matchMedia('(prefers-reduced-motion: reduce)');
  const urls = new Map();

  // The address of a file: in the folder beside the page, or inside the page.
  function fileUrl(name, type) {
    const inside = $(`file-${name}`);
    if (!inside) return data.folder + name;
    if (!urls.has(name)) {
      const text = atob(inside.textContent);
      const bytes = Uint8Array.from(text, (c) => c.charCodeAt(0));
      urls.set(name, URL.createObjectURL(new Blob([bytes], { type })));
    }
    return urls.get(name);
  }

  const players = data.parts.map((part) => {
    const player = new Player($(part.id), part, data.fps, fileUrl);
    player.onchange = () => player === current() && tell(player);
    return player;
  });
  let at = { h: -1, step: -1 }; // where we are; h counts slides, the cover is 0
  let language = data.lang; // of the captions: one of data.langs, or '' for none
  let jumped = false;
  const current = () => players[at.h - 1];
  const speaker = new Speaker(data, key);

  // ---- following reveal.js ------------------------------------------------------------------------
  function place() {
    const { h, f } = Reveal.getIndices();
    const steps = h ? data.parts[h - 1].steps.length : 1;
    return { h, step: steps > 1 && f !== undefined ? f + 1 : 0 };
  }

  // Bring the picture to where reveal.js is: one step on is played, everything else is shown at once.
  function follow() {
    const before = at;
    const now = place();
    if (now.h === before.h && now.step === before.step) return;
    at = now;
    players.forEach((player, k) => {
      if (Math.abs(k + 1 - now.h) <= 1) player.load();
      else player.unload();
      if (k + 1 !== now.h) player.stop('still');
    });
    const player = current();
    if (player) {
      const onwards = now.h === before.h && now.step === before.step + 1;
      const entered = now.step === 0 && (now.h === before.h + 1 || jumped) && before.h >= 0;
      if (entered && player.step !== -1) player.rest(-1);
      if ((onwards || entered) && !calm.matches) player.play(now.step);
      else player.rest(now.step);
    } else tell(null);
    jumped = false;
    wake(now.h);
  }

  // The neighbours stand ready: the one before at its end, the one behind at its first picture.
  function wake(h) {
    if (players[h - 2]) players[h - 2].rest(players[h - 2].part.steps.length - 1);
    if (players[h]) players[h].rest(-1);
  }

  let waiting = false;
  function changed() {
    if (waiting) return;
    waiting = true;
    queueMicrotask(() => { waiting = false; follow(); });
  }

  // ---- what the keys and buttons do ---------------------------------------------------------------
  const acts = {
    next() {
      const player = current();
      if (player && player.playing && !player.rounds) player.rest(player.step);
      else if (player && player.paused) player.play(player.step, true);
      else Reveal.next();
    },
    back() {
      const player = current();
      if (player && player.step === 0 && (player.playing || player.paused)) player.rest(-1);
      else Reveal.prev();
    },
    nextStage: () => jump(Math.min(at.h + 1, players.length)),
    backStage: () => jump(Math.max(at.h - 1, 0)),
    replay: () => current() && current().play(Math.max(current().step, 0)),
    pause: () => current() && current().pause(),
    captions() {
      const all = [...Object.keys(data.langs), ''];
      language = all[(all.indexOf(language) + 1) % all.length];
      label();
      if (current()) tell(current());
    },
    map: () => toggle($('map'), fillMap),
    about: () => toggle($('about'), fillAbout),
    help: () => toggle($('help'), () => {}),
    speaker: () => speaker.open() ? tell(current()) : toast(words.blocked),
    full() {
      if (document.fullscreenElement) document.exitFullscreen();
      else document.documentElement.requestFullscreen().catch(() => {});
    },
    print: () => Paper.print(fileUrl),
    first: () => jump(0),
    final: () => jump(players.length),
  };
  const keys = {
    ArrowRight: 'next', PageDown: 'next', ' ': 'next', Enter: 'next', n: 'next', ArrowLeft: 'back', PageUp: 'back',
    Backspace: 'back', b: 'back', ArrowDown: 'nextStage', ArrowUp: 'backStage', Home: 'first', End: 'final',
    r: 'replay', p: 'pause', c: 'captions', m: 'map', i: 'about', '?': 'help', s: 'speaker', f: 'full',
  };

  function key(event) {
    if ((event.ctrlKey || event.metaKey) && event.key === 'p' && event.view === window) {
      event.preventDefault();
      acts.print();
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const open = document.querySelector('dialog[open]');
    const own = event.target.closest && event.target.closest('button, a, summary, input');
    const name = event.shiftKey && event.key === ' ' ? 'back' : keys[event.key];
    if (own && (event.key === ' ' || event.key === 'Enter')) return;
    if (own && own.matches('input') && event.key.startsWith('Arrow')) return;
    if (!name || (open && !{ map: 'map', about: 'about', help: 'help' }[name])) return;
    event.preventDefault();
    acts[name]();
  }

  // To a stage, once its first picture is ready.
  async function jump(h) {
    const player = players[h - 1];
    if (player) {
      player.load();
      await Promise.race([player.stills[0].decode().catch(() => {}), new Promise((go) => setTimeout(go, 1000))]);
      if (player !== current()) player.rest(-1);
    }
    jumped = true;
    at.step = -2; // also a jump to where we are is one
    Reveal.slide(h, 0, -1);
    changed();
  }

  function toggle(dialog, fill) {
    if (dialog.open) { dialog.close(); return; }
    document.querySelectorAll('dialog[open]').forEach((other) => other.close());
    fill();
    dialog.showModal();
  }

  // ---- what is told about the picture -------------------------------------------------------------
  function cueAt(part, frame) {
    return part.cues.findLast((cue) => cue.start <= frame) || part.cues[0];
  }

  let told = '';
  function tell(player) {
    const shown = player ? player.shown : 0;
    const part = player && player.part;
    const step = player ? Math.max(player.step, 0) : 0;
    const cue = part && player.step >= 0 ? cueAt(part, shown) : null;
    const caption = cue ? cue.said[language || data.lang] : '';
    if (player) {
      const strip = player.section.querySelector('.caption');
      strip.hidden = language === data.lang || !cue;
      strip.textContent = language ? caption : '';
      strip.lang = language || data.lang;
      $('place').max = part.frames - 1;
      $('place').value = shown;
      $('place').setAttribute('aria-valuetext', caption);
    }
    document.body.classList.toggle('at-cover', !player);
    $('where').textContent = part ? `${part.short} · ${step + 1}/${part.steps.length}` : '';
    const name = part ? `${part.title}, ${step + 1}/${part.steps.length}` : data.title;
    if (told !== `${name} ${caption}`) {
      told = `${name} ${caption}`;
      $('live').lang = language || data.lang;
      $('live').textContent = caption || name;
    }
    speaker.show(scene(player, cue));
  }

  // What the speaker sees: this picture, the next one, the notes.
  function scene(player, cue) {
    const step = player ? player.step : -1;
    const same = player && step + 1 < player.part.steps.length;
    const after = same ? player : players[players.indexOf(player) + 1];
    const still = (which, k) => which && fileUrl(which.stills[k].dataset.file, 'image/webp');
    return {
      title: player ? player.part.title : data.title,
      where: $('where').textContent,
      now: still(player, Math.max(step, 0) + 1),
      next: after ? still(after, same ? step + 2 : 1) : undefined,
      captions: cue ? Object.entries(cue.said) : [],
      notes: player ? player.section.querySelector('.notes').innerHTML : '',
    };
  }

  function label() {
    $('captions').textContent = language ? data.langs[language] : words.none;
    document.body.classList.toggle('silent', !language);
    $('captions').setAttribute('aria-label', `${words.captions}: ${$('captions').textContent}`);
  }

  function toast(text) {
    $('toast').textContent = text;
    $('toast').hidden = false;
    setTimeout(() => { $('toast').hidden = true; }, 4000);
  }

  // ---- map, about ---------------------------------------------------------------------------------
  function fillMap() {
    document.querySelectorAll('#map button[data-h]').forEach((button) => {
      const here = Number(button.dataset.h) === at.h;
      if (here) button.setAttribute('aria-current', 'step'); else button.removeAttribute('aria-current');
      const image = button.querySelector('img');
      if (image && !image.src) image.src = fileUrl(image.dataset.file, 'image/webp');
    });
  }

  function fillAbout() {
    const player = current();
    $('about-title').textContent = player ? player.part.title : data.title;
    $('about-body').innerHTML = player ? player.section.querySelector('.notes').innerHTML : '';
  }

  // ---- start --------------------------------------------------------------------------------------
  document.addEventListener('keydown', key);
  addEventListener('beforeprint', () => Paper.lay(fileUrl));
  document.addEventListener('fullscreenchange', () => Reveal.layout());
  document.querySelectorAll('[data-act]').forEach((button) => {
    button.addEventListener('click', () => acts[button.dataset.act]());
  });
  document.querySelectorAll('#map button[data-h]').forEach((button) => {
    button.addEventListener('click', () => { $('map').close(); jump(Number(button.dataset.h)); });
  });
  document.querySelectorAll('dialog').forEach((dialog) => {
    dialog.addEventListener('click', (event) => event.target === dialog && dialog.close()); // beside it
  });
  gestures(document.querySelector('.reveal'), acts);
  $('place').addEventListener('input', (event) => {
    const player = current();
    if (!player) return;
    player.scrub(Number(event.target.value));
    const step = Math.max(player.step, 0);
    if (step !== at.step) {
      at = { h: at.h, step }; // reveal.js comes along; follow() finds nothing to do
      Reveal.slide(at.h, 0, step - 1);
    }
  });
  let rest;
  for (const kind of ['pointermove', 'focusin', 'touchstart']) {
    document.addEventListener(kind, () => {
      document.body.classList.add('active');
      clearTimeout(rest);
      rest = setTimeout(() => document.body.classList.remove('active'), 3000);
    });
  }
  document.querySelector('[data-act=full]').hidden = !document.fullscreenEnabled;
  label();
  if (/print-pdf/i.test(location.search)) {
    document.documentElement.classList.add('sheets');
    Paper.whole(fileUrl).then(() => { document.body.dataset.ready = 'yes'; });
    return;
  }
  Reveal.on('slidechanged', changed);
  Reveal.on('fragmentshown', changed);
  Reveal.on('fragmenthidden', changed);
  Reveal.initialize({
    width: 1280, height: 720, margin: 0, minScale: 0.05, maxScale: 10, center: false, hash: true, history: false,
    fragmentInURL: true, controls: false, progress: false, keyboard: false, overview: false, help: false,
    transition: 'none', backgroundTransition: 'none', autoPlayMedia: false, viewDistance: 1, mobileViewDistance: 1,
    hideInactiveCursor: true, scrollActivationWidth: null, touch: false,
  }).then(() => {
    document.querySelector('.reveal').removeAttribute('role'); // no application: headings and alt texts are to be read
    new ResizeObserver(() => Reveal.layout()).observe(document.querySelector('main'));
    setTimeout(() => Paper.lay(fileUrl), 2000);
    follow();
    document.body.dataset.ready = 'yes';
  });
})();
