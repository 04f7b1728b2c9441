using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SearchEngine.Embeddings.Cpu.EightBit;

/// <summary>Four columns' weights of one group in sixteen bits.</summary>
/// <param name="Even">Elements 0 and 2 of each column.</param>
/// <param name="Odd">Elements 1 and 3 of each column.</param>
internal readonly record struct PairWeights128(Vector128<short> Even, Vector128<short> Odd)
{
    /// <summary>Widens four bytes of each column.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PairWeights128 Of(Vector128<short> bytes) => new((bytes << 8) >> 8, bytes >> 8);
}
