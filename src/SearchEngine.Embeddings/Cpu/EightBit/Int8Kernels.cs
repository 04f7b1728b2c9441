using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace SearchEngine.Embeddings.Cpu.EightBit;

/// <summary>The eight-bit kernels that this processor can run, and the one that is used.</summary>
internal static unsafe class Int8Kernels
{
    private const int ProbeGroups = 128;

    private static readonly Lazy<Int8Kernel> Chosen = new(Choose);

    /// <summary>The fastest on this machine; asking for the first time may measure (<see cref="KernelChoice"/>).</summary>
    public static Int8Kernel Best => Chosen.Value;

    /// <summary>All that run here, best first by what the processor has; the last is <see cref="ScalarInt8Kernel"/>.</summary>
    public static IReadOnlyList<Int8Kernel> Available()
    {
        List<Int8Kernel> kernels = [];
        if (Vnni512Kernel.TryCreate() is { } vnni)
            kernels.Add(vnni);
        if (AvxVnni.IsSupported)
            kernels.Add(new Int8LaneKernel<AvxVnniLanes, Vector256<int>, Vector256<sbyte>, Vector256<byte>>());
        if (Avx2.IsSupported)
            kernels.Add(new Int8LaneKernel<Avx2Lanes, Vector256<int>, PairWeights256, PairInputs256>());
        if (Dp.IsSupported)
            kernels.Add(new Int8LaneKernel<NeonDotLanes, Vector128<int>, Vector128<sbyte>, Vector128<sbyte>>());
        if (Vector128.IsHardwareAccelerated)
            kernels.Add(new Int8LaneKernel<Vector128Lanes, Vector128<int>, PairWeights128, PairInputs128>());
        kernels.Add(new ScalarInt8Kernel());
        return kernels;
    }

    /// <summary>Both kinds of dot-product instructions may be there, and which is faster depends on the processor.</summary>
    private static Int8Kernel Choose()
    {
        var kernels = Available();
        if (kernels is not [Vnni512Kernel, Int8LaneKernel<AvxVnniLanes, Vector256<int>, Vector256<sbyte>, Vector256<byte>>, ..])
            return kernels[0];
        return kernels[KernelChoice.Fastest("int8", [.. kernels.Take(2).Select(kernel => (kernel.Name, Probe(kernel)))])];
    }

    /// <summary>A tile of the size that a model has.</summary>
    private static Action Probe(Int8Kernel kernel)
    {
        var stride = ProbeGroups * kernel.GroupBytes;
        var inputs = (byte*)NativeMemory.AllocZeroed((nuint)(Int8Kernel.TileRows * stride));
        var weights = (sbyte*)NativeMemory.AllocZeroed(ProbeGroups * Int8Panels.BlockPanels * Int8Panels.Columns * Int8Panels.Group);
        var sums = (int*)NativeMemory.AllocZeroed(Int8Kernel.TileSums, sizeof(int)); // 100 KB for the process's life, on machines with a choice
        return () => kernel.Tile(inputs, stride, Int8Kernel.TileRows, weights, Int8Panels.BlockPanels, ProbeGroups, sums);
    }
}
