using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace SearchEngine.Embeddings.Cpu.EightBit;

/// <summary>128 bits on any processor: products in sixteen bits, as <see cref="Avx2Lanes"/> makes them.</summary>
internal readonly unsafe struct Vector128Lanes : IInt8Lanes<Vector128<int>, PairWeights128, PairInputs128>
{
    public static string Name => "vector128";

    public static int Offset => 0;

    public static int GroupBytes => 2 * Int8Panels.Group;

    public static int Columns => 4;

    public static void Prepare(sbyte* row, int groups, byte* target) => PreparedInputs.Pairs(row, groups, target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PairWeights128 Load(sbyte* weights) => PairWeights128.Of(Vector128.Load(weights).AsInt16());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PairInputs128 Broadcast(byte* inputs) =>
        new(Vector128.Create(*(int*)inputs).AsInt16(), Vector128.Create(((int*)inputs)[1]).AsInt16());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Add(Vector128<int> sums, PairInputs128 inputs, PairWeights128 weights) =>
        sums + Products(inputs.Even, weights.Even) + Products(inputs.Odd, weights.Odd);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector128<int> sums, int* target) => sums.Store(target);

    /// <summary>The sums of two products side by side.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Products(Vector128<short> a, Vector128<short> b)
    {
        if (Sse2.IsSupported)
            return Sse2.MultiplyAddAdjacent(a, b);
        if (AdvSimd.Arm64.IsSupported)
        {
            return AdvSimd.Arm64.AddPairwise(
                AdvSimd.MultiplyWideningLower(a.GetLower(), b.GetLower()),
                AdvSimd.MultiplyWideningUpper(a, b)
            );
        }
        Vector128<int> x = a.AsInt32(),
            y = b.AsInt32();
        return (x >> 16) * (y >> 16) + ((x << 16) >> 16) * ((y << 16) >> 16);
    }
}
