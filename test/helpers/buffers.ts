/** Buffers that lose their memory. */

/** `ArrayBuffer` of ES2024, which TypeScript's library for our target does not know. */
interface ResizableBuffer extends ArrayBuffer {
  resize(byteLength: number): void;
}

export function resizableBuffer(byteLength: number, maxByteLength: number): ResizableBuffer {
  const Constructor = ArrayBuffer as unknown as new (length: number, options: object) => ResizableBuffer;
  return new Constructor(byteLength, { maxByteLength });
}

/** The same array, without its memory. */
export function detach<View extends ArrayBufferView<ArrayBuffer>>(view: View): View {
  structuredClone(view, { transfer: [view.buffer] });
  return view;
}
