using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace SearchEngine.Embeddings.Cpu.EightBit;

/// <summary>
/// AVX2. The products are made in sixteen bits (pmaddwd), from weights that are widened once for the rows of a tile: exact, where pmaddubsw
/// saturates for two large products side by side. Handling that (a sign moved from one side to the other for each row) takes as many
/// instructions for as many products.
/// </summary>
internal readonly unsafe struct Avx2Lanes : IInt8Lanes<Vector256<int>, PairWeights256, PairInputs256>
{
    public static string Name => "avx2";

    public static int Offset => 0;

    public static int GroupBytes => 2 * Int8Panels.Group;

    public static int Columns => 8;

    public static void Prepare(sbyte* row, int groups, byte* target) => PreparedInputs.Pairs(row, groups, target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PairWeights256 Load(sbyte* weights) => PairWeights256.Of(Vector256.Load(weights).AsInt16());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PairInputs256 Broadcast(byte* inputs) =>
        new(Vector256.Create(*(int*)inputs).AsInt16(), Vector256.Create(((int*)inputs)[1]).AsInt16());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Add(Vector256<int> sums, PairInputs256 inputs, PairWeights256 weights) =>
        sums + Avx2.MultiplyAddAdjacent(inputs.Even, weights.Even) + Avx2.MultiplyAddAdjacent(inputs.Odd, weights.Odd);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector256<int> sums, int* target) => sums.Store(target);
}
