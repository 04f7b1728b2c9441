using SearchEngine.Embeddings.Model;

namespace SearchEngine.Embeddings;

/// <summary>
/// Runs models on more than this assembly's own kernels. There is one, in an assembly of its own that brings native libraries along: a
/// program that references SearchEngine.Embeddings.Torch has it, and one that does not carries nothing of it.
/// </summary>
internal abstract class EncoderProvider
{
    /// <summary>What a program has to do to have <see cref="Torch"/>, to be put into a sentence.</summary>
    public const string Advice =
        "add the package SearchEngine.Embeddings.Torch and TorchSharp-cpu 0.107.0 (for GPUs TorchSharp-cuda-linux or TorchSharp-cuda-windows), "
        + "take the tool searchengine-training, build the program with -p:TorchDevice=cpu or cuda";

    private static readonly Lazy<EncoderProvider?> Found = new(Find);

    /// <summary>libtorch's, or null where the program does not reference it. Asking loads that assembly, but not libtorch.</summary>
    public static EncoderProvider? Torch => Found.Value;

    /// <summary>The number of CUDA devices that can be used; 0 too where the program came without libtorch's CUDA part.</summary>
    /// <exception cref="DllNotFoundException">libtorch is missing or cannot be loaded; the message says what to add.</exception>
    public abstract int CountCudaDevices();

    /// <summary>Loads a replica of a model for each device of the target, and adds the encoders that share the work.</summary>
    /// <param name="encoders">Where they go; those added before a failure stay there, the caller's to dispose.</param>
    /// <param name="folder">The model.</param>
    /// <param name="config">Its shape.</param>
    /// <param name="target">Devices and data type.</param>
    /// <param name="attention">Causal or bidirectional.</param>
    /// <param name="pooling">How vectors are made.</param>
    /// <param name="mergeAdapters">False keeps the last adapter apart.</param>
    /// <exception cref="DllNotFoundException">libtorch is missing or cannot be loaded; the message says what to add.</exception>
    public abstract void Load(
        List<TextEncoder> encoders,
        ModelFolder folder,
        IModelConfig config,
        ComputeTarget target,
        AttentionMode attention,
        PoolingMode pooling,
        bool mergeAdapters
    );

    /// <summary>By name: a reference from here would make every program carry it. The literal lets a trimmer see the type.</summary>
    private static EncoderProvider? Find() =>
        Type.GetType("SearchEngine.Embeddings.Torch.TorchEncoderProvider, SearchEngine.Embeddings.Torch", throwOnError: false) is { } type
            ? (EncoderProvider)Activator.CreateInstance(type, nonPublic: true)!
            : null;
}
