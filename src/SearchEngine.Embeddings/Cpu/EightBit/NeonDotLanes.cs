using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;

namespace SearchEngine.Embeddings.Cpu.EightBit;

/// <summary>ARMv8.2's dot product: four products of signed numbers and their sum in one instruction of 128 bits.</summary>
internal readonly unsafe struct NeonDotLanes : IInt8Lanes<Vector128<int>, Vector128<sbyte>, Vector128<sbyte>>
{
    public static string Name => "neon-dot";

    public static int Offset => 0;

    public static int GroupBytes => Int8Panels.Group;

    public static int Columns => 4;

    public static void Prepare(sbyte* row, int groups, byte* target) => PreparedInputs.Signed(row, groups, target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<sbyte> Load(sbyte* weights) => Vector128.Load(weights);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<sbyte> Broadcast(byte* inputs) => Vector128.Create(*(int*)inputs).AsSByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Add(Vector128<int> sums, Vector128<sbyte> inputs, Vector128<sbyte> weights) =>
        Dp.DotProduct(sums, inputs, weights);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector128<int> sums, int* target) => sums.Store(target);
}
