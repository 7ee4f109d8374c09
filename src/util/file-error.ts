/** Errors of the file system, told to the caller. */
import { GenAIError, isGenAIError } from '../errors.ts';

/**
 * An error of the operating system as `ERR_MLFLOW_TRANSFER`, with its code as `details.systemCode`; all others (a
 * `GenAIError`, the reason of a signal) as they are.
 *
 * @param failed what did not work: `"/models/phi3 cannot be written"`
 */
export function asTransferError(error: unknown, failed: string, path: string): unknown {
  if (!(error instanceof Error) || isGenAIError(error)) return error;
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (typeof syscall !== 'string' || code === undefined) return error;
  const why = code === 'ENOSPC' ? 'the disk is full' : error.message;
  return new GenAIError('ERR_MLFLOW_TRANSFER', `${failed}: ${why}.`, {
    cause: error,
    details: { path, systemCode: code },
  });
}
