using TorchSharp;
using static TorchSharp.torch;

namespace SearchEngine.Embeddings.Torch;

/// <summary>
/// Operators of libtorch that TorchSharp has no method for, reached through its TorchScript compiler. Without gradients; thread-safe.
/// </summary>
internal static class TorchOperators
{
    private const string Script = """
        def rms_norm(x, epsilon: float):
            return torch.rms_norm(x, [x.size(-1)], None, epsilon)

        def scaled_rms_norm(x, weight, epsilon: float):
            return torch.rms_norm(x, [x.size(-1)], weight, epsilon)

        """;

    private static readonly Lazy<jit.CompilationUnit> Unit = new(() => jit.compile(Script));

    /// <summary>x / √(mean(x²) + ε), times a weight over the last dimension if there is one; one kernel on CUDA.</summary>
    public static Tensor RmsNorm(Tensor x, Tensor? weight, double epsilon)
    {
        // See TorchScalars: it has to outlive the native call.
        Scalar scalar = epsilon;
        var normed = weight is null
            ? Unit.Value.invoke<Tensor>("rms_norm", x, scalar)
            : Unit.Value.invoke<Tensor>("scaled_rms_norm", x, weight, scalar);
        GC.KeepAlive(scalar);
        return normed;
    }
}
