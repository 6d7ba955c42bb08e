// The settings of a transaction in which a write says who does it. Whoever writes past the service may set them too.

/** As `actorOf` says it. */
export const ACTOR_SETTING = 'tablecast.actor';
export const REQUEST_SETTING = 'tablecast.request';
