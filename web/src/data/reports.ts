import { request } from '../api/request.ts';
import type { CreatedReport, NewReport } from '../api/schema.ts';

/** Reports a conversation, or a message of the other user. @throws ApiError, SignedOutError */
export async function sendReport(report: NewReport): Promise<void> {
  await request<CreatedReport>('/api/reports', { method: 'POST', body: report });
}
