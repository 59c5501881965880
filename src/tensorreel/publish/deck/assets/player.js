// One stage of the lecture: its stills, its film, and how one goes over into the other.
//
// A place that is jumped or gone back to is shown by its still, at once, while the film waits out of sight at
// the picture behind it. To play a step the film runs from there and comes to the front with its first frame;
// at the step's end it stays there, paused in the hold, and the next step runs on without a seam; or, where the
// storyboard says so, it goes round from the step's first picture. So there is always a picture, forwards and
// backwards.
//
// A server that sends no pieces of a file cannot be asked for the middle of a film: the browser starts from its
// beginning. Then the whole film is fetched and played from memory.
'use strict';

class Player {
  constructor(section, part, fps, fileUrl) {
    Object.assign(this, { section, part, fps, fileUrl });
    this.film = section.querySelector('video');
    this.stills = [...section.querySelectorAll('img')]; // the first picture, then the end of each step
    this.step = -1; // the step whose end is shown or played towards; -1: before the first
    this.state = 'still'; // still, playing, paused (within a step) or settled (at its end, film in front)
    this.rounds = 0; // how often the step that is playing has gone round
    this.turn = 0; // counts orders, so that a late answer to an old one is ignored
    this.onchange = () => {};
    this.address = ''; // of the film while it is loaded
    this.memory = ''; // of the whole film, once it is fetched
    this.goal = null; // seconds into the film that were asked for and are not there yet
    this.film.addEventListener('timeupdate', () => this.watch());
    for (const kind of ['loadeddata', 'seeked']) this.film.addEventListener(kind, () => this.arrived());
    this.film.addEventListener('error', () => this.missed('it does not play as it comes'));
  }

  get playing() { return this.state === 'playing'; }
  get paused() { return this.state === 'paused'; }
  get frame() { return Math.floor(this.film.currentTime * this.fps + 0.01); }
  get shown() {
    if (this.paused && this.scrubbing) return this.wanted;
    return this.playing || this.paused ? this.frame : this.last(this.step) - 1;
  }
  first(step) { return step > 0 ? this.part.steps[step - 1].last : 0; }
  last(step) { return step < 0 ? 1 : this.part.steps[step].last; }
  stepAt(frame) { return Math.max(this.part.steps.findIndex((step) => frame < step.last), 0); }

  load() {
    if (this.address) return;
    this.address = this.fileUrl(this.part.film, 'video/mp4');
    if (Player.inPieces) this.film.src = this.address;
    else this.fetchAll();
    for (const still of this.stills) {
      still.src = this.fileUrl(still.dataset.file, 'image/webp');
      still.decode().catch(() => {});
    }
  }

  unload() {
    if (!this.address) return;
    this.stop('still');
    this.film.classList.remove('on');
    this.front(null);
    this.film.removeAttribute('src');
    this.film.load();
    for (const still of this.stills) still.removeAttribute('src');
    if (this.memory) URL.revokeObjectURL(this.memory);
    this.address = this.memory = '';
    this.goal = null;
  }

  stop(state) {
    this.turn += 1;
    this.state = state;
    this.film.pause();
  }

  // Show the end of a step by its still, at once; -1 is the first picture of all.
  rest(step) {
    this.stop('still');
    this.load();
    this.step = step;
    const turn = this.turn;
    const still = this.stills[step + 1];
    const show = () => {
      if (turn !== this.turn) return;
      this.front(still);
      this.film.classList.remove('on');
      if (step + 1 < this.part.steps.length) this.seek(this.first(step + 1));
    };
    if (still.complete || !this.stills.some((other) => other.classList.contains('on'))) show();
    else still.decode().then(show, show);
    this.onchange();
  }

  front(still) {
    for (const other of this.stills) other.classList.toggle('on', other === still);
  }

  seek(frame) {
    this.goal = (frame + 0.25) / this.fps;
    this.film.currentTime = this.goal;
  }

  // Whether a seek came to where it was to go; a film that plays may be a little further.
  arrived() {
    if (this.goal === null || this.film.seeking) return;
    const off = this.film.currentTime - this.goal;
    if (off < -0.5 / this.fps || off > 1) this.missed('the server does not send it in pieces');
    else this.goal = null;
  }

  // The film cannot be played from where it was wanted.
  missed(why) {
    if (!this.address || this.fetching) return;
    if (this.memory || this.address.startsWith('blob:')) { this.giveUp(); return; }
    console.warn(`${this.part.film}: ${why}, so all of it is fetched`);
    this.fetchAll();
  }

  // Fetch the whole film, and go on from where it was wanted.
  async fetchAll() {
    const { address } = this;
    this.turn += 1; // what was ordered is ordered again below
    this.fetching = true;
    this.film.pause();
    const film = await fetch(address).then((answer) => (answer.ok ? answer.blob() : null)).catch(() => null);
    this.fetching = false;
    if (this.address !== address) return; // left meanwhile
    if (!film) { this.giveUp(); return; }
    Player.inPieces = false;
    this.memory = URL.createObjectURL(film);
    this.film.src = this.memory;
    if (this.playing) this.play(this.step);
    else if (this.goal !== null) this.film.currentTime = this.goal;
  }

  // Without its film a stage is shown by its stills.
  giveUp() {
    this.goal = null;
    this.scrubbing = false;
    if (this.state !== 'still') this.rest(this.step);
  }

  // Play a step from its first picture, or on from where the film is.
  play(step, onwards = false) {
    const runsOn = onwards || (this.state === 'settled' && step === this.step + 1);
    this.stop('playing');
    this.load();
    this.step = step;
    this.rounds = 0;
    const turn = this.turn;
    const first = this.first(step);
    if (!runsOn) {
      if (this.frame !== first || this.goal !== null) this.seek(first);
      this.whenShown(first, () => turn === this.turn, () => this.film.classList.add('on'));
    }
    this.film.play().catch(() => turn === this.turn && this.rest(step));
    const watch = () => {
      if (turn !== this.turn) return;
      this.watch();
      requestAnimationFrame(watch);
    };
    requestAnimationFrame(watch);
    this.onchange();
  }

  // Call `then` once the film shows a picture of the step that was asked for.
  whenShown(first, wanted, then) {
    const look = (now, about) => {
      if (!wanted()) return;
      const frame = about ? Math.round(about.mediaTime * this.fps) : this.frame;
      if (!this.film.seeking && frame >= first && frame < this.last(this.step)) then();
      else this.nextFrame(look);
    };
    this.nextFrame(look);
  }

  nextFrame(call) {
    if (this.film.requestVideoFrameCallback) this.film.requestVideoFrameCallback(call);
    else requestAnimationFrame((now) => call(now, null));
  }

  // Stop in the hold at the step's end, a frame or two before it is over, or go round.
  watch() {
    if (!this.playing || this.film.seeking) return;
    if (this.part.steps[this.step].loop && this.frame >= this.last(this.step) - 2) this.again();
    else if (this.film.ended) this.rest(this.step);
    else if (this.frame >= this.last(this.step) - 2) {
      if (this.film.classList.contains('on') && this.frame < this.last(this.step)) this.stop('settled');
      else { this.rest(this.step); return; }
    }
    this.onchange();
  }

  again() {
    this.rounds += 1;
    this.seek(this.first(this.step));
    this.film.play().catch(() => {}); // at the end of the film it had stopped
  }

  pause() {
    if (this.playing) this.stop('paused');
    else if (this.paused) this.play(this.step, true);
    this.onchange();
  }

  // Show any picture of the film; seeks wait for each other, the last one counts.
  scrub(frame) {
    this.stop('paused');
    this.load();
    this.step = this.stepAt(frame);
    this.wanted = frame;
    const waits = this.scrubbing;
    this.scrubbing = true;
    this.onchange();
    if (waits) return;
    const come = () => {
      if (this.goal !== null) return; // it did not come there
      this.film.removeEventListener('seeked', come);
      this.scrubbing = false;
      if (!this.paused) return;
      this.film.classList.add('on');
      if (this.wanted !== frame) this.scrub(this.wanted);
    };
    this.film.addEventListener('seeked', come);
    this.seek(frame);
  }
}
Player.inPieces = true; // until a server is met that sends files only from their beginning
