import type { Delivery, Sockets } from '../../core/sockets/client.ts';

/** Stands in for API Gateway's connections: records what is posted and which are ended. */
export class FakeSockets implements Sockets {
  /** In the order of the posts. */
  readonly posts: { connection_id: string; frame: string }[] = [];
  readonly ended: string[] = [];
  /** How connections answer that do not take each frame. */
  readonly answers = new Map<string, () => Promise<Delivery>>();
  /** How ending a connection goes, if not well. */
  ending = async (_connection_id: string): Promise<void> => {};

  async post(connection_id: string, frame: string): Promise<Delivery> {
    this.posts.push({ connection_id, frame });
    return (await this.answers.get(connection_id)?.()) ?? 'posted';
  }

  async end(connection_id: string): Promise<void> {
    this.ended.push(connection_id);
    await this.ending(connection_id);
  }

  /** The frames that a connection was posted since this was asked last. */
  taken(connection_id: string): unknown[] {
    const taken = this.posts.filter((post) => post.connection_id === connection_id);
    this.posts.splice(0, Infinity, ...this.posts.filter((post) => post.connection_id !== connection_id));
    return taken.map(({ frame }) => JSON.parse(frame));
  }
}
