using SearchEngine.Embeddings.Cpu;
using SearchEngine.Embeddings.Cpu.Packing;
using SearchEngine.Embeddings.Model;
using SearchEngine.Embeddings.Weights;

namespace SearchEngine.Embeddings.Tests.Weights;

/// <summary>A cache of packed weights in a folder of its own, and loadings with it.</summary>
public abstract class WeightCacheTest : IDisposable
{
    private protected const int Seed = 23;
    private protected const string Weights = "model.safetensors";

    private readonly ScratchFolder _cache = new();

    private protected string CacheFolder => _cache.Path;

    private protected WeightCacheOptions Cache => new() { Folder = CacheFolder, SmallestModelBytes = 1 };

    public void Dispose() => _cache.Dispose();

    /// <summary>Whether a loading maps what is kept; without <paramref name="make"/> it must be there.</summary>
    private protected bool IsMapped(string folder, bool int8, bool make = false)
    {
        var source = Source(folder, int8);
        using (var file = WeightCacheFolder.Of(Cache)!.Open(source.Key()))
        {
            if (file is null && !make)
                return false;
        }
        var model = PackedLoader.Load<SharedWeights>(
            source,
            Cache,
            packed =>
                source.Config switch
                {
                    BertConfig bert => CpuBertModel.Load(folder, bert, int8, packed),
                    ModernBertConfig modern => CpuModernBertModel.Load(folder, modern, int8, packed),
                    _ => CpuModel.Load(source.Folder, (DecoderConfig)source.Config, int8, packed),
                }
        );
        model.AddUser();
        model.Release();
        return model.Packed?.IsMapped == true;
    }

    private protected static PackedSource Source(string folder, bool int8) =>
        new(ModelFolder.Read(folder), ModelConfigReader.Read(folder), int8);

    /// <summary>Puts one other number into a weight, where the file lies.</summary>
    private protected static void Change(string path, string tensor, int at)
    {
        long place;
        using (var file = SafetensorsFile.Open(path))
            place = file.Entries[tensor].Offset + at * sizeof(float);
        using FileStream stream = new(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        stream.Position = place;
        stream.Write(BitConverter.GetBytes(0.75f));
    }

    private protected static Llm2VecEmbeddingGenerator Load(
        string folder,
        string dataType,
        WeightCacheOptions cache,
        params string[] adapters
    ) =>
        Llm2VecEmbeddingGenerator.Load(
            new Llm2VecOptions
            {
                ModelPath = folder,
                Adapters = adapters,
                Device = "cpu",
                DataType = dataType,
                WeightCache = cache,
            }
        );

    private protected static async Task<float[][]> Vectors(
        string folder,
        string dataType,
        WeightCacheOptions cache,
        params string[] adapters
    )
    {
        using var generator = Load(folder, dataType, cache, adapters);
        return await generator.EmbedTokensAsync(SmallModels.Texts(Seed));
    }
}
