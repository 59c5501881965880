// The sheets that are printed: their pictures come when they are wanted.
'use strict';

const Paper = {
  images: () => [...document.querySelectorAll('#paper img')],

  // Tell every picture its address; a browser that prints without being asked by us loads them then.
  lay(fileUrl) {
    for (const image of this.images()) if (!image.src) image.src = fileUrl(image.dataset.file, 'image/webp');
  },

  // All pictures there, so that no sheet is printed without one.
  whole(fileUrl) {
    this.lay(fileUrl);
    return Promise.all(this.images().map((image) => new Promise((done) => {
      image.loading = 'eager';
      if (image.complete) { done(); return; }
      image.addEventListener('load', done);
      image.addEventListener('error', done);
    })));
  },

  async print(fileUrl) {
    await this.whole(fileUrl);
    window.print();
  },
};
