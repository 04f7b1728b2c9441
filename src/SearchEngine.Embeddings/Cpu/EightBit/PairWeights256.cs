using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SearchEngine.Embeddings.Cpu.EightBit;

/// <summary>Eight columns' weights of one group in sixteen bits.</summary>
/// <param name="Even">Elements 0 and 2 of each column.</param>
/// <param name="Odd">Elements 1 and 3 of each column.</param>
internal readonly record struct PairWeights256(Vector256<short> Even, Vector256<short> Odd)
{
    /// <summary>Widens four bytes of each column.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PairWeights256 Of(Vector256<short> bytes) => new((bytes << 8) >> 8, bytes >> 8);
}
