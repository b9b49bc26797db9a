// How far "ask nothing for a while" goes: the narrowest that a command names, and its whole
// workspace where that is wanted. The terminal has the same rule, in `approver/reach.rs`:
// what is denied is what is rejected.

const MINUTES = 15;
const NAME = /^(?=.*[A-Za-z0-9])[A-Za-z0-9._:=@~-]{1,128}$/;

export const SESSION = 'session';
export const WORKSPACE = 'workspace';

/** How far it can go for a request, the narrowest first; not at all where nobody knows who asks, or where. */
export function reachesOf(item) {
  if (item.enforcerId === undefined || typeof item.fields?.workspace !== 'string') return [];
  return sessionOf(item) === null ? [WORKSPACE] : [SESSION, WORKSPACE];
}

/** Says what it does, on its button. */
export const captionOf = (reach) => `Reject all of this ${reach}, and ask nothing for ${MINUTES} min`;

/** Says to the agent why its request is rejected. */
export const reasonOf = (reach) => `stop: whoever watches wants no more commands from this ${reach} for now`;

/** Tells whether what is denied because of one request would deny another. */
export function covers(reach, item, other) {
  const isThere = other.enforcerId === item.enforcerId && other.fields?.workspace === item.fields.workspace;
  return isThere && (reach === WORKSPACE || sessionOf(other) === sessionOf(item));
}

/** Makes the denial, which nobody signs. */
export function denialOf(reach, item, name, now) {
  return {
    requestId: name,
    objectType: 'airlock.dnd.workspace',
    workspaceId: item.fields.workspace,
    ...(reach === SESSION ? { sessionId: sessionOf(item) } : {}),
    enforcerId: item.enforcerId,
    policyMode: 'deny_all',
    createdAt: new Date(now).toISOString(),
    expiresAt: new Date(now + MINUTES * 60_000).toISOString(),
  };
}

function sessionOf(item) {
  const { sessionId } = item.fields ?? {};
  return typeof sessionId === 'string' && NAME.test(sessionId) ? sessionId : null;
}
