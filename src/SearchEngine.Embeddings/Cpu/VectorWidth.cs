using System.Runtime.Intrinsics.X86;

namespace SearchEngine.Embeddings.Cpu;

/// <summary>
/// How wide the vectors of elementwise code may be: what the processor has. .NET's own preference is another (on Intel's servers before
/// Sapphire Rapids it prefers 256 bits, where these kernels gain by 512): <c>Vector512.IsHardwareAccelerated</c> is not asked.
/// </summary>
internal static class VectorWidth
{
    /// <summary>True if there are vectors of 512 bits with all that is used here; a constant to the compiler.</summary>
    public static bool Has512 => Avx512F.IsSupported && Avx512BW.IsSupported && Avx512DQ.IsSupported;
}
