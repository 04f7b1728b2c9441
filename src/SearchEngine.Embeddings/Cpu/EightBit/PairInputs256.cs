using System.Runtime.Intrinsics;

namespace SearchEngine.Embeddings.Cpu.EightBit;

/// <summary>One group of a row in sixteen bits, the same in all columns: elements 0 and 2, and elements 1 and 3.</summary>
internal readonly record struct PairInputs256(Vector256<short> Even, Vector256<short> Odd);
