namespace SearchEngine.Embeddings.Cpu;

/// <summary>The float32 matrix product without vectors, over panels as wide as those of <see cref="FloatLanes128"/>.</summary>
internal static unsafe class ScalarMatrixKernel
{
    /// <summary>The width of a narrow panel. A wide one has three times as many.</summary>
    public const int Lanes = FloatLanes128.Lanes;

    /// <inheritdoc cref="FloatKernel.Panel"/>
    public static void Panel(bool wide, float* a, nint lda, nint rows, float* b, nint k, float* c, nint ldc, bool accumulate)
    {
        var width = wide ? 3 * Lanes : Lanes;
        for (nint row = 0; row < rows; row++)
        {
            for (var column = 0; column < width; column++)
            {
                var sum = 0f;
                for (nint i = 0; i < k; i++)
                    sum += a[row * lda + i] * b[i * width + column];
                ref var target = ref c[row * ldc + column];
                target = accumulate ? sum + target : sum;
            }
        }
    }
}
