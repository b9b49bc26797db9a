// This browser: who it is, whom it is paired with, and how long it may come.

import { shown } from './display.js';
import { button, fill, make, moment } from './element.js';
import { Enrolment } from './enrol.js';
import { notices } from './notice.js';
import { andOlder, asksNumber, forget, pairings, removePairing, setAsksNumber } from './vault.js';

export class Browser {
  #identity;
  #gateway;
  #desk;
  #asks;
  #enrolment;
  #body = make('div');
  #status = make('p.status', { role: 'status' });

  constructor(identity, gateway, desk, fingerprint) {
    this.#identity = identity;
    this.#gateway = gateway;
    this.#desk = desk;
    this.#enrolment = new Enrolment(identity.approverId);
    const rows = [['fingerprint', fingerprint], ['name', identity.approverId],
      ['made', moment(identity.createdAt)]];
    this.element = make('section.view', { 'aria-label': 'This browser' }, make('h1', 'This browser'),
      make('p', 'Its keys were made here and cannot be taken out; the gateway never has them.'),
      make('dl.self', rows.map(([label, text]) =>
        make('div', make('dt', label), make('dd', { dir: 'ltr', translate: false }, text)))),
      this.#body, this.#enrolment.element, this.#number(), notices(), this.#status,
      make('p', button('Forget this browser', () => this.#forget(), 'reject')));
  }

  #number() {
    const box = make('input', { type: 'checkbox', onchange: async () => {
      await setAsksNumber(box.checked);
      this.#status.textContent = box.checked
        ? 'It asks for the number from the next card on.' : 'Two presses will do from the next card on.';
    } });
    this.#asks = box;
    return make('label.choice', box, make('span', 'Ask for the number in the terminal before approving what '
      + 'is hard to undo, where no passkey is asked for'));
  }

  async open() {
    await this.#desk.checkPairings().catch(() => {});
    this.#asks.checked = await asksNumber();
    await this.#enrolment.open();
    const [paired, told] = await Promise.all([
      pairings(), this.#gateway.get('/v1/page/browsers').catch(() => null)]);
    const rows = paired.map((pairing) => make('li',
      make('bdi', shown(pairing.label)), ` since ${moment(pairing.pairedAt)}${pairing.passkey ? ', asks for the passkey' : ''} `,
      button('End', () => this.#unpair(pairing))));
    const [self] = told?.browsers ?? [];
    fill(this.#body,
      make('h2', 'Paired with'),
      rows.length === 0 ? make('p', 'No machine yet.') : make('ul.paired', rows),
      self ? make('p', `It may come until ${moment(self.expiresAt)}; then it needs a new code.`) : null);
  }

  async #unpair(pairing) {
    try {
      for (const { nonce } of andOlder(pairing)) {
        await this.#gateway.post('/v1/pairing/revoke', { pairingNonce: nonce }).catch((error) => {
          if (error.status !== 404 && error.status !== 410) throw error;
        });
      }
    } catch (error) {
      this.#status.textContent = `Still paired: ${error.message}.`;
      return;
    }
    await removePairing(pairing.enforcerId);
    await this.#desk.repair();
    this.#status.textContent = 'The pairing has ended.';
    await this.open();
  }

  async #forget() {
    // eslint-disable-next-line no-alert
    if (!window.confirm('End all pairings and delete the keys of this browser?')) return;
    for (const { nonce } of (await pairings()).flatMap(andOlder)) {
      await this.#gateway.post('/v1/pairing/revoke', { pairingNonce: nonce }).catch(() => {});
    }
    const told = await this.#gateway.get('/v1/page/browsers').catch(() => null);
    for (const { id } of told?.browsers ?? []) {
      await this.#gateway.post('/v1/page/browsers/revoke', { id }).catch(() => {});
    }
    await forget();
    window.location.replace('/');
  }
}
