using SearchEngine.Embeddings.Cpu.EightBit;

namespace SearchEngine.Embeddings.Cpu;

/// <summary>Which kernels run, for people.</summary>
internal static class CpuKernels
{
    /// <summary>For example "cpu int8 avx512-vnni".</summary>
    public static string Describe(bool int8) => int8 ? $"cpu int8 {Int8Kernels.Best.Name}" : $"cpu float32 {FloatKernels.Best.Name}";
}
