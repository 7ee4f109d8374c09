/** `ERR_MLFLOW_TRANSFER`: a file did not get whole from here to there. */
import { GenAIError, isGenAIError } from '../../../errors.ts';

export function transferError(message: string, details: Record<string, unknown>, cause?: unknown): GenAIError {
  return new GenAIError('ERR_MLFLOW_TRANSFER', message, { details, ...(cause === undefined ? {} : { cause }) });
}

/** Errors of the file system as `ERR_MLFLOW_TRANSFER`; all others as they are. */
export function asTransferError(error: unknown, what: string, path: string): unknown {
  if (!(error instanceof Error) || isGenAIError(error)) return error;
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (code === 'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH') {
    return transferError(`${what} has changed while it was sent. Try again when nobody writes to it.`, { path }, error);
  }
  if (typeof syscall !== 'string' || code === undefined) return error;
  const why = code === 'ENOSPC' ? 'the disk is full' : error.message;
  return transferError(`${what} cannot be copied: ${why}.`, { path, systemCode: code }, error);
}
