using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace SearchEngine.Embeddings.Cpu;

/// <summary>The float32 kernels that this processor can run, and the one that is used.</summary>
internal static unsafe class FloatKernels
{
    private const int ProbeRows = 8;
    private const int ProbeInner = 256;
    private const int ProbeColumns = 96;

    private static readonly Lazy<FloatKernel> Chosen = new(Choose);

    /// <summary>The fastest on this machine; asking for the first time may measure (<see cref="KernelChoice"/>).</summary>
    public static FloatKernel Best => Chosen.Value;

    /// <summary>All that run here, widest first.</summary>
    public static IReadOnlyList<FloatKernel> Available()
    {
        List<FloatKernel> kernels = [];
        if (VectorWidth.Has512)
            kernels.Add(new FloatKernel("avx512", FloatLanes512.Lanes, &MatrixKernel<FloatLanes512, Vector512<float>>.Panel));
        if (Avx2.IsSupported && Fma.IsSupported)
            kernels.Add(new FloatKernel("avx2", FloatLanes256.Lanes, &MatrixKernel<FloatLanes256, Vector256<float>>.Panel));
        if (Vector128.IsHardwareAccelerated)
            kernels.Add(new FloatKernel("vector128", FloatLanes128.Lanes, &MatrixKernel<FloatLanes128, Vector128<float>>.Panel));
        kernels.Add(new FloatKernel("scalar", ScalarMatrixKernel.Lanes, &ScalarMatrixKernel.Panel));
        return kernels;
    }

    /// <summary>Where both are there, 512 bits may be slower than 256: on processors that lower their clock for them.</summary>
    private static FloatKernel Choose()
    {
        var kernels = Available();
        return kernels is [{ Lanes: FloatLanes512.Lanes }, { Lanes: FloatLanes256.Lanes }, ..]
            ? kernels[KernelChoice.Fastest("float32", [.. kernels.Take(2).Select(kernel => (kernel.Name, Probe(kernel)))])]
            : kernels[0];
    }

    /// <summary>Two wide panels at 512 bits, four at 256: the same product for both.</summary>
    private static Action Probe(FloatKernel kernel)
    {
        // 100 KB for the process's life, on machines with a choice
        var a = (float*)NativeMemory.AllocZeroed(ProbeRows * ProbeInner, sizeof(float));
        var b = (float*)NativeMemory.AllocZeroed(ProbeInner * ProbeColumns, sizeof(float));
        var c = (float*)NativeMemory.AllocZeroed(ProbeRows * ProbeColumns, sizeof(float));
        return () =>
        {
            for (var j = 0; j < ProbeColumns; j += 3 * kernel.Lanes)
            {
                kernel.Panel(true, a, ProbeInner, ProbeRows, b + (nint)j * ProbeInner, ProbeInner, c + j, ProbeColumns, accumulate: false);
            }
        };
    }
}
