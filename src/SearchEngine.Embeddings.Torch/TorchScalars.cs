using TorchSharp;

namespace SearchEngine.Embeddings.Torch;

/// <summary>
/// Constants for TorchSharp's operators. A number written into a call becomes a temporary <see cref="Scalar"/> of which TorchSharp hands
/// only the native address on, so that the garbage collector may free it while the native call still reads it. What stands in a field
/// lives on.
/// </summary>
internal static class TorchScalars
{
    public static readonly Scalar Zero = 0;

    public static readonly Scalar One = 1;

    public static readonly Scalar NegativeInfinity = double.NegativeInfinity;
}
