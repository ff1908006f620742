/** `weightDecay` -> `weight_decay`: the key in a saved state. */
export const snakeCase = (key: string): string => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** `weight_decay` -> `weightDecay`: the name of a setting. */
export const camelCase = (key: string): string => key.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
