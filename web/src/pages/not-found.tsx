import { Link } from 'wouter';
import { useTitle } from '../parts/title.ts';

export function NotFoundPage() {
  useTitle('Page not found');
  return (
    <main className="card">
      <h1>Page not found</h1>
      <p>
        <Link href="/messages">Go to your messages</Link>
      </p>
    </main>
  );
}
