import { Link } from 'wouter';
import { useTitle } from '../parts/title.ts';

export function NotFoundPage() {
  useTitle('Not found');
  return (
    <main className="card">
      <h1>There is no such page</h1>
      <p>
        <Link href="/messages">To your messages</Link>
      </p>
    </main>
  );
}
