/** What the server keeps, as plain data. Names are those of MLflow's Python entities, in camelCase; times are ms since 1970. */

export type RunStatus = 'RUNNING' | 'SCHEDULED' | 'FINISHED' | 'FAILED' | 'KILLED';
export type LoggedModelStatus = 'PENDING' | 'READY' | 'FAILED' | 'UNSPECIFIED';
export type ModelVersionStage = 'None' | 'Staging' | 'Production' | 'Archived';
export type ViewType = 'ACTIVE_ONLY' | 'DELETED_ONLY' | 'ALL';
export type Tags = Readonly<Record<string, string>>;

/** One page of a search. `nextPageToken` asks for the next; the last page has none. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly nextPageToken?: string;
}

export interface Experiment {
  readonly experimentId: string;
  readonly name: string;
  /** Such as `mlflow-artifacts:/1`. */
  readonly artifactLocation: string;
  readonly lifecycleStage: string;
  readonly creationTime?: number;
  readonly lastUpdateTime?: number;
  readonly tags: Tags;
}

export interface RunInfo {
  readonly runId: string;
  readonly experimentId: string;
  readonly runName: string;
  readonly userId: string;
  readonly status: RunStatus;
  readonly startTime?: number;
  readonly endTime?: number;
  readonly artifactUri: string;
  readonly lifecycleStage: string;
}

export interface RunRecord {
  readonly info: RunInfo;
  readonly data: {
    readonly params: Readonly<Record<string, string>>;
    /** The last value of each. */
    readonly metrics: Readonly<Record<string, number>>;
    readonly tags: Tags;
  };
  /** Models that the run has logged. */
  readonly modelOutputs: readonly ModelOutput[];
}

export interface ModelOutput {
  readonly modelId: string;
  readonly step: number;
}

export interface Metric {
  readonly key: string;
  /** May be NaN or infinite. */
  readonly value: number;
  readonly timestamp: number;
  readonly step: number;
  readonly modelId?: string;
  readonly runId?: string;
}

export interface LoggedModel {
  /** `m-` and 32 hexadecimal digits. */
  readonly modelId: string;
  readonly experimentId: string;
  readonly name: string;
  readonly artifactUri: string;
  readonly creationTimestamp?: number;
  readonly lastUpdatedTimestamp?: number;
  readonly status: LoggedModelStatus;
  readonly modelType: string;
  readonly sourceRunId?: string;
  readonly tags: Tags;
  readonly params: Readonly<Record<string, string>>;
  readonly metrics: readonly Metric[];
}

export interface RegisteredModel {
  readonly name: string;
  readonly creationTimestamp?: number;
  readonly lastUpdatedTimestamp?: number;
  readonly description: string;
  /** The newest of each stage. */
  readonly latestVersions: readonly ModelVersion[];
  readonly tags: Tags;
  /** Version by alias. */
  readonly aliases: Readonly<Record<string, string>>;
}

export interface ModelVersion {
  readonly name: string;
  /** An integer as text. */
  readonly version: string;
  readonly creationTimestamp?: number;
  readonly lastUpdatedTimestamp?: number;
  readonly description: string;
  readonly currentStage: string;
  /** Where it was registered from: `models:/m-...`, `runs:/...` */
  readonly source: string;
  readonly runId?: string;
  readonly modelId?: string;
  readonly status: string;
  readonly statusMessage?: string;
  readonly tags: Tags;
  readonly aliases: readonly string[];
}

/** A file or directory among artifacts; `path` is relative to the directory that was listed. */
export interface FileInfo {
  readonly path: string;
  readonly isDir: boolean;
  /** In bytes; absent for a directory, for an empty file (the server leaves 0 away), and when it is not known. */
  readonly fileSize?: number;
}
