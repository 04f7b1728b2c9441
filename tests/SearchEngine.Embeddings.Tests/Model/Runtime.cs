using SearchEngine.Embeddings.Model;
using TorchSharp;

namespace SearchEngine.Embeddings.Tests.Model;

/// <summary>A model in one of the runtimes: the own kernels ("float32", "int8"), or libtorch in float32 ("torch", and "torch
/// padded" with texts of several lengths in one attention call, as on a GPU).</summary>
internal sealed class Runtime : IDisposable
{
    private readonly Llm2VecEmbeddingGenerator? _generator;
    private readonly TextEncoder? _encoder;

    private Runtime(Llm2VecEmbeddingGenerator? generator, TextEncoder? encoder)
    {
        _generator = generator;
        _encoder = encoder;
    }

    public static Runtime Load(string folder, string runtime, PoolingMode pooling)
    {
        if (!runtime.StartsWith("torch", StringComparison.Ordinal))
        {
            return new Runtime(
                Llm2VecEmbeddingGenerator.Load(
                    new Llm2VecOptions
                    {
                        ModelPath = folder,
                        Device = "cpu",
                        DataType = runtime,
                        Pooling = pooling,
                        Normalize = false,
                    }
                ),
                null
            );
        }
        TorchRuntime.EnsureLoaded();
        var padded = runtime.EndsWith("padded", StringComparison.Ordinal);
        var config = ModelConfigReader.Read(folder);
        return new Runtime(
            null,
            config switch
            {
                BertConfig bert => new TorchBertEncoder(
                    TorchBertEncoder.Load(folder, bert, torch.CPU, torch.ScalarType.Float32),
                    bert,
                    pooling
                )
                {
                    PadsAttention = padded,
                },
                ModernBertConfig modern => new TorchModernBertEncoder(
                    TorchModernBertEncoder.Load(folder, modern, torch.CPU, torch.ScalarType.Float32),
                    modern,
                    pooling
                )
                {
                    PadsAttention = padded,
                },
                _ => throw new ArgumentException(config.ModelType),
            }
        );
    }

    public async Task<float[][]> EmbedAsync(int[][] texts) =>
        _generator is not null
            ? await _generator.EmbedTokensAsync(texts)
            : _encoder!.Encode([.. texts.Select(ids => new EncoderInput(ids, 0, ids.Length))]);

    public void Dispose()
    {
        _generator?.Dispose();
        _encoder?.Dispose();
    }
}
