// What fingers and the mouse do on the picture: a tap goes on, a swipe goes on or back.
'use strict';

const SWIPE = 40; // pixels; a tap moves less

function gestures(area, acts) {
  let from = null;
  const zoomed = () => visualViewport && visualViewport.scale > 1.01; // then a finger moves the picture
  area.addEventListener('touchstart', (event) => {
    const { clientX, clientY } = event.touches[0];
    from = event.touches.length === 1 && !zoomed() ? { x: clientX, y: clientY } : null;
  }, { passive: true });
  area.addEventListener('touchend', (event) => {
    if (!from) return;
    const { clientX, clientY } = event.changedTouches[0];
    const [x, y] = [clientX - from.x, clientY - from.y];
    from = null;
    if (Math.abs(x) < SWIPE || Math.abs(x) < 2 * Math.abs(y)) return;
    if (event.cancelable) event.preventDefault(); // no click as well
    if (x < 0) acts.next(); else acts.back();
  });
  area.addEventListener('touchcancel', () => { from = null; });
  area.addEventListener('click', () => acts.next());
}
