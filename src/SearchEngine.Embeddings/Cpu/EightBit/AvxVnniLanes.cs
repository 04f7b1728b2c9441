using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace SearchEngine.Embeddings.Cpu.EightBit;

/// <summary>AVX-VNNI: four products and their sum in one instruction of 256 bits, inputs without a sign.</summary>
internal readonly unsafe struct AvxVnniLanes : IInt8Lanes<Vector256<int>, Vector256<sbyte>, Vector256<byte>>
{
    public static string Name => "avx-vnni";

    public static int Offset => PreparedInputs.UnsignedOffset;

    public static int GroupBytes => Int8Panels.Group;

    public static int Columns => 8;

    public static void Prepare(sbyte* row, int groups, byte* target) => PreparedInputs.Unsigned(row, groups, target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<sbyte> Load(sbyte* weights) => Vector256.Load(weights);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Broadcast(byte* inputs) => Vector256.Create(*(int*)inputs).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Add(Vector256<int> sums, Vector256<byte> inputs, Vector256<sbyte> weights) =>
        AvxVnni.MultiplyWideningAndAdd(sums, inputs, weights);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector256<int> sums, int* target) => sums.Store(target);
}
