import type { ChatMessage } from '../index.ts';

/** The messages of a chat, always in turns that a model accepts: a question is in it only with its answer. */
export class Conversation {
  readonly #system: readonly ChatMessage[];
  #turns: ChatMessage[] = [];

  constructor(system: string | undefined) {
    this.#system = system === undefined ? [] : [{ role: 'system', content: system }];
  }

  /** The whole conversation with a new question at its end. */
  ask(question: string): readonly ChatMessage[] {
    return [...this.#system, ...this.#turns, { role: 'user', content: question }];
  }

  /** Keeps a question and its answer; an answer without a word is no answer. */
  keep(question: string, answer: string): void {
    if (answer.trim() === '') return;
    this.#turns.push({ role: 'user', content: question }, { role: 'assistant', content: answer });
  }

  reset(): void {
    this.#turns = [];
  }
}
