// The speaker's window: this picture, the next one, captions in each language, notes, clock and timer.
'use strict';

class Speaker {
  constructor(data, onkey) {
    Object.assign(this, { data, onkey, view: null, started: null });
  }

  // Open the window, or bring it to the front; false where the browser does not allow it.
  open() {
    if (this.view && !this.view.closed) { this.view.focus(); return true; }
    this.view = window.open('', 'tensorreel-speaker', 'width=1100,height=760');
    if (!this.view) return false;
    const page = this.view.document;
    page.documentElement.lang = this.data.lang;
    page.title = `${this.data.words.speaker}: ${this.data.title}`;
    page.head.replaceChildren(page.head.querySelector('title') || '', this.style(page));
    page.body.className = 'speaker';
    page.body.innerHTML = document.getElementById('speaker-page').innerHTML;
    page.addEventListener('keydown', this.onkey);
    page.getElementById('timer-reset').addEventListener('click', () => { this.started = Date.now(); this.tick(); });
    this.started = Date.now();
    clearInterval(this.clock);
    this.clock = setInterval(() => this.tick(), 1000);
    this.tick();
    return true;
  }

  // The page's own style: a file beside it, or a text in it.
  style(page) {
    const own = document.getElementById('deck-style');
    const style = page.importNode(own, true);
    if (own.href) style.href = own.href; // in full, for a page that has no address
    return style;
  }

  tick() {
    if (!this.view || this.view.closed) { clearInterval(this.clock); return; }
    const page = this.view.document;
    const seconds = Math.floor((Date.now() - this.started) / 1000);
    const two = (n) => String(n).padStart(2, '0');
    page.getElementById('timer').textContent = `${two(Math.floor(seconds / 60))}:${two(seconds % 60)}`;
    page.getElementById('clock').textContent = new Date().toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
  }

  show(scene) {
    if (!this.view || this.view.closed) return;
    const page = this.view.document;
    const put = (id, text) => { page.getElementById(id).textContent = text; };
    put('s-title', scene.title);
    put('s-where', scene.where);
    for (const [id, source] of [['s-now', scene.now], ['s-next', scene.next]]) {
      const image = page.getElementById(id);
      const url = source && new URL(source, document.baseURI).href;
      image.hidden = !url;
      if (url && image.src !== url) image.src = url;
    }
    page.getElementById('s-captions').replaceChildren(...scene.captions.map(([lang, text]) => {
      const line = page.createElement('p');
      line.lang = lang;
      line.textContent = text;
      return line;
    }));
    const notes = page.getElementById('s-notes');
    if (this.notes !== scene.notes || !notes.innerHTML) {
      this.notes = scene.notes;
      notes.innerHTML = scene.notes;
      for (const answer of notes.querySelectorAll('details')) answer.open = true;
    }
  }
}
