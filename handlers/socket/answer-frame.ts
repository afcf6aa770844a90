import { answerFrame } from '../../core/answer-frame.ts';
import { sockets } from '../sockets.ts';
import { socket } from './socket.ts';

export const handler = socket((deps, frame) => answerFrame({ ...deps, sockets }, frame));
