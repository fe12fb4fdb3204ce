/** The classes of requests, the most urgent first. */
export const CLASSES = ['high', 'normal', 'low'];
