/** Colours for people at a terminal: none into a pipe or a file, none under NO_COLOR; FORCE_COLOR asks for them anyway. */
import { createColors } from 'picocolors';

const { env, stdout } = process;

export const colours = createColors(!env.NO_COLOR && Boolean(env.FORCE_COLOR || (stdout.isTTY && env.TERM !== 'dumb')));
