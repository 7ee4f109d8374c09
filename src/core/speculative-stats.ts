/** Statistics of speculative decoding, by the names of the library in camelCase. */

type CountName =
  | 'rounds'
  | 'completedRounds'
  | 'interruptedRounds'
  | 'activeRounds'
  | 'draftTokensProposed'
  | 'draftTokensEvaluated'
  | 'draftTokensAccepted'
  | 'correctionTokens'
  | 'bonusTokens'
  | 'tokensQueued'
  | 'tokensEmitted'
  | 'tokensDiscarded'
  | 'tokensBuffered'
  | 'draftForwardPasses'
  | 'targetForwardPasses'
  | 'targetVerifyForwardPasses'
  | 'targetReanchorForwardPasses'
  | 'targetReconciliationForwardPasses'
  | 'effectiveK'
  | 'adaptiveKIncreases'
  | 'adaptiveKDecreases'
  | 'adaptiveKObservations'
  | 'adaptiveKProbes'
  | 'cooldownEntries'
  | 'cooldownSteps'
  | 'cooldownRemaining'
  | 'standardFallbackSteps'
  | 'fullAcceptRounds'
  | 'partialAcceptRounds'
  | 'zeroAcceptRounds'
  | 'ngramLookupHits'
  | 'ngramLookupMisses'
  | 'ngramLookupTokensProposed'
  | 'ngramChainedTokensProposed'
  | 'ngramGrammarCandidateRejections'
  | 'ngramHistorySyncs'
  | 'ngramHistoryTokensSynced'
  | 'mtpFailures'
  | 'dflash2Failures'
  | 'dflash2Disables'
  | 'dflash2AdmissionMisses';

type MeasureName =
  | 'totalDraftMs'
  | 'totalTargetMs'
  | 'totalReconciliationMs'
  | 'totalTargetVerifyMs'
  | 'totalTargetReanchorMs'
  | 'totalNgramHistorySyncMs'
  | 'totalNgramLookupMs'
  | 'avgDraftMsPerToken'
  | 'acceptanceRate'
  | 'avgDraftTokensPerRound'
  | 'meanEmittedTokensPerRound'
  | 'expectedTokensPerRound'
  | 'avgTargetMsPerRound'
  | 'targetBaselineMsPerToken'
  | 'targetOverheadRatio'
  | 'estimatedSpeedup'
  | 'observedSpeedup'
  | 'adaptiveKThroughput';

/** Counters since the engine was made; all 0 where nothing is drafted. Times are in milliseconds. */
export interface SpeculativeStats extends Readonly<Record<CountName | MeasureName, number>> {
  /** Whether the expected and estimated figures could be computed. */
  readonly formulaSupported: boolean;
  /** How many rounds accepted 0, 1, 2, ... drafted tokens. */
  readonly acceptedLengths: readonly number[];
}

/** @internal */
export function toSpeculativeStats(native: Readonly<Record<string, number | boolean | number[]>>): SpeculativeStats {
  const camel = (name: string): string => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
  return Object.fromEntries(
    Object.entries(native).map(([name, value]) => [camel(name), value]),
  ) as unknown as SpeculativeStats;
}
