// Keeps approval out of reach until a person can have read what is there.
//
// It is inert for 800 ms after the card was drawn, after the window got the focus and
// after anything about the card changed, until the end of the command was on the
// screen, and while something else stands against it. What is typed or pressed in that
// time begins the time anew: type-ahead never approves.

const INERT = 800;

export class Arming extends EventTarget {
  #since = performance.now();
  #timer = 0;
  #seen = false;
  #pressed = false;
  #against = () => null;

  constructor(against) {
    super();
    this.#against = against;
    this.#stop = new AbortController();
    const { signal } = this.#stop;
    const disturb = () => this.disturb();
    window.addEventListener('focus', disturb, { signal });
    window.addEventListener('blur', disturb, { signal });
    document.addEventListener('visibilitychange', disturb, { signal });
    for (const kind of ['keydown', 'pointerdown']) {
      window.addEventListener(kind, (event) => this.#press(event), { signal, capture: true });
    }
    this.disturb();
  }

  #stop;

  /** Begins the wait anew. */
  disturb() {
    this.#since = performance.now();
    this.#pressed = false;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#tell(), INERT + 10);
    this.#tell();
  }

  /** The end of the command was on the screen. */
  sawEnd() {
    if (this.#seen) return;
    this.#seen = true;
    this.#tell();
  }

  /** More is there to be seen. */
  growEnd() {
    this.#seen = false;
    this.disturb();
  }

  get isInert() {
    return performance.now() - this.#since < INERT || !document.hasFocus();
  }

  /** What stands against approving, in words; null when nothing does. */
  get obstacle() {
    const other = this.#against();
    if (other) return other;
    if (!this.#seen) return 'Read to the end of the command first';
    return this.isInert ? 'One moment' : null;
  }

  /** Tells whether this press of a button may approve. */
  accepts(event) {
    // A script's click is nobody's; and a press must have begun when it could count.
    const begun = event.detail === 0 || this.#pressed;
    return event.isTrusted && begun && this.obstacle === null;
  }

  /** A press or key while it is inert begins the wait anew. */
  #press(event) {
    if (this.isInert) {
      this.disturb();
      return;
    }
    this.#pressed = event.type === 'pointerdown' && this.obstacle === null;
  }

  #tell() {
    this.dispatchEvent(new Event('change'));
  }

  end() {
    clearTimeout(this.#timer);
    this.#stop.abort();
  }
}
