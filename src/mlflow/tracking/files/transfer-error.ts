/** `ERR_MLFLOW_TRANSFER`: a file did not get whole from here to there. */
import { GenAIError } from '../../../errors.ts';
import { asTransferError as fileError } from '../../../util/file-error.ts';

export function transferError(message: string, details: Record<string, unknown>, cause?: unknown): GenAIError {
  return new GenAIError('ERR_MLFLOW_TRANSFER', message, { details, ...(cause === undefined ? {} : { cause }) });
}

/** Errors of the file system, and of a file that changes while it is sent, as `ERR_MLFLOW_TRANSFER`; others as they are. */
export function asTransferError(error: unknown, what: string, path: string): unknown {
  if (error instanceof Error && (error as NodeJS.ErrnoException).code === 'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH') {
    return transferError(`${what} has changed while it was sent. Try again when nobody writes to it.`, { path }, error);
  }
  return fileError(error, `${what} cannot be copied`, path);
}
