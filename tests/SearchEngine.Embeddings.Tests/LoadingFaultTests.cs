using System.Text;
using SearchEngine.Embeddings.Model;
using SearchEngine.Embeddings.Tests.Model;
using SearchEngine.Embeddings.Weights;
using Xunit;

namespace SearchEngine.Embeddings.Tests;

/// <summary>What people's folders have that is not quite as it should be: read right, or one clear error.</summary>
public class LoadingFaultTests
{
    [Theory]
    [InlineData(null, null, 2048)] // the model's own word (max_position_embeddings)
    [InlineData("1000", null, 1000)]
    [InlineData("100000", null, 2048)]
    [InlineData("1000000000000000019884624838656", null, 2048)] // the library's way to say "no limit"
    [InlineData("1000", "300", 300)]
    public void SentenceTransformersFoldersAreAsLongAsTheReferenceMakesThem(string? tokenizer, string? stated, int expected)
    {
        using var scratch = TextModel.Create(extra: folder =>
        {
            MakeSentenceTransformers(folder);
            if (tokenizer is not null)
            {
                File.WriteAllText(
                    Path.Combine(folder, "tokenizer_config.json"),
                    $$"""{"tokenizer_class": "LlamaTokenizer", "model_max_length": {{tokenizer}}}"""
                );
            }
            if (stated is not null)
                File.WriteAllText(Path.Combine(folder, "sentence_roberta_config.json"), $$"""{"max_seq_length": {{stated}}}""");
        });
        Assert.Equal(expected, ModelFolder.Read(scratch.Path).MaxLength);
    }

    [Theory]
    [InlineData("float32")]
    [InlineData("int8")]
    public async Task VectorsThatAreNotFiniteNameTheirTexts(string type)
    {
        using ScratchFolder scratch = new();
        const int Bad = 7;
        WriteBert(scratch.Path, badRow: Bad);
        using var generator = Llm2VecEmbeddingGenerator.Load(
            new Llm2VecOptions
            {
                ModelPath = scratch.Path,
                Device = "cpu",
                DataType = type,
            }
        );
        var fault = await Assert.ThrowsAsync<NonFiniteVectorException>(() =>
            generator.EmbedTokensAsync([
                [1, 2],
                [3, Bad, 4],
                [5],
                [Bad],
            ])
        );
        Assert.Equal([1, 3], fault.TextIndices);
        Assert.Equal([1, 3], Assert.IsType<int[]>(fault.Data[NonFiniteVectorException.IndicesKey]));
        Assert.Contains("text 1, 3 of 4", fault.Message, StringComparison.Ordinal);
        Assert.Equal(
            2,
            (
                await generator.EmbedTokensAsync([
                    [1, 2],
                    [5],
                ])
            ).Length
        );
    }

    [Fact]
    public async Task AnAddedTokenPastTheLastEmbeddingIsLetThrough()
    {
        using var scratch = TextModel.Create(extra: folder =>
        {
            var next = TextTokenizer.Load(folder).VocabularySize;
            File.WriteAllText(Path.Combine(folder, "added_tokens.json"), $$"""{"<pad>": {{next}}}""");
        });
        using var generator = Llm2VecEmbeddingGenerator.Load(new Llm2VecOptions { ModelPath = scratch.Path, Device = "cpu" });
        Assert.Single(await generator.EmbedAsync(["the quick <pad> query"]));
        ModelInspector.Inspect(scratch.Path);
    }

    [Fact]
    public async Task ATextWithATokenThatTheModelLacksIsRefusedByName()
    {
        using ScratchFolder scratch = new();
        WriteBert(scratch.Path);
        string[] words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", .. Enumerable.Range(0, 15).Select(i => $"w{i}")];
        File.WriteAllText(Path.Combine(scratch.Path, "vocab.txt"), string.Join('\n', words) + "\n");
        File.WriteAllText(Path.Combine(scratch.Path, "added_tokens.json"), """{"<extra>": 20}""");
        using var generator = Llm2VecEmbeddingGenerator.Load(new Llm2VecOptions { ModelPath = scratch.Path, Device = "cpu" });
        Assert.Single(await generator.EmbedAsync(["w1 w2"]));
        var fault = await Assert.ThrowsAsync<ArgumentException>(() => generator.EmbedAsync(["w1", "w2 <extra>"]));
        Assert.Contains("Text 1 holds the token '<extra>'", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ByteOrderMarksAreReadOver()
    {
        using var scratch = TextModel.Create();
        foreach (var name in new[] { "config.json", "tokenizer_config.json" })
        {
            var path = Path.Combine(scratch.Path, name);
            File.WriteAllText(path, File.ReadAllText(path), new UTF8Encoding(encoderShouldEmitUTF8Identifier: true));
        }
        using var generator = Llm2VecEmbeddingGenerator.Load(new Llm2VecOptions { ModelPath = scratch.Path, Device = "cpu" });
        Assert.Equal(32, generator.Dimension);
    }

    [Theory]
    [InlineData("model.safetensors", "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 12\n", "Git LFS pointer")]
    [InlineData("model.safetensors", "GGUF\u0003\0\0\0\0\0\0\0", "GGUF")]
    [InlineData("model.safetensors", "PK\u0003\u0004\0\0\0\0\0\0\0\0", "save_pretrained")]
    [InlineData("model.safetensors", "<!DOCTYPE html>\n<html><head></head></html>", "web page")]
    [InlineData("config.json", "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 12\n", "Git LFS pointer")]
    [InlineData("tokenizer.model", "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 12\n", "Git LFS pointer")]
    public void FilesOfOtherKindsAreNamed(string name, string content, string named)
    {
        using var scratch = TextModel.Create();
        File.WriteAllBytes(Path.Combine(scratch.Path, name), Encoding.Latin1.GetBytes(content));
        var fault = Assert.Throws<ModelFormatException>(() => Llm2VecEmbeddingGenerator.Load(scratch.Path));
        Assert.Contains(named, fault.Message, StringComparison.Ordinal);
        Assert.Contains(name, fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("pytorch_model.bin", "save_pretrained")]
    [InlineData("model-q4.gguf", "GGUF")]
    public void FoldersWithOtherWeightsSayWhatToDo(string name, string named)
    {
        using var scratch = TextModel.Create();
        File.Move(Path.Combine(scratch.Path, "model.safetensors"), Path.Combine(scratch.Path, name));
        Assert.Contains(
            named,
            Assert.Throws<ModelFormatException>(() => Llm2VecEmbeddingGenerator.Load(scratch.Path)).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void AFileInThePlaceOfAFolderIsNamed()
    {
        using var scratch = TextModel.Create();
        var file = Path.Combine(scratch.Path, "model.gguf");
        File.WriteAllText(file, "GGUF");
        Assert.Contains(
            "GGUF",
            Assert.Throws<ModelFormatException>(() => Llm2VecEmbeddingGenerator.Load(file)).Message,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "point at",
            Assert.Throws<ModelFormatException>(() => Llm2VecEmbeddingGenerator.Load(Path.Combine(scratch.Path, "config.json"))).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void TheCachesReferenceChoosesTheSnapshotNotTheFilesTimes()
    {
        using ScratchFolder scratch = new();
        var model = Path.Combine(scratch.Path, "models--org--base");
        string[] commits = ["aaaa", "bbbb", "cccc"];
        foreach (var commit in commits)
        {
            Directory.CreateDirectory(Path.Combine(model, "snapshots", commit));
            Directory.SetLastWriteTimeUtc(
                Path.Combine(model, "snapshots", commit),
                new DateTime(2020 + Array.IndexOf(commits, commit), 1, 1, 0, 0, 0, DateTimeKind.Utc)
            );
        }
        Assert.Contains(
            "aaaa, bbbb, cccc",
            Assert.Throws<ModelFormatException>(() => HubCache.Snapshot(model, null)).Message,
            StringComparison.Ordinal
        );
        Directory.CreateDirectory(Path.Combine(model, "refs"));
        File.WriteAllText(Path.Combine(model, "refs", "main"), "bbbb\n");
        File.WriteAllText(Path.Combine(model, "refs", "v2"), "aaaa");
        Assert.EndsWith("bbbb", HubCache.Snapshot(model, null), StringComparison.Ordinal);
        Assert.EndsWith("bbbb", HubCache.Snapshot(model, "main"), StringComparison.Ordinal);
        Assert.EndsWith("aaaa", HubCache.Snapshot(model, "v2"), StringComparison.Ordinal);
        Assert.EndsWith("cccc", HubCache.Snapshot(model, "cccc"), StringComparison.Ordinal);
        Assert.Contains(
            "dddd",
            Assert.Throws<ModelFormatException>(() => HubCache.Snapshot(model, "dddd")).Message,
            StringComparison.Ordinal
        );
        Assert.Throws<ModelFormatException>(() => HubCache.Snapshot(model, "../../.."));
    }

    private static void MakeSentenceTransformers(string folder)
    {
        File.WriteAllText(
            Path.Combine(folder, "modules.json"),
            """
            [{"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
             {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"}]
            """
        );
        Directory.CreateDirectory(Path.Combine(folder, "1_Pooling"));
        File.WriteAllText(Path.Combine(folder, "1_Pooling", "config.json"), """{"pooling_mode_mean_tokens": true}""");
    }

    private static void WriteBert(string folder, int badRow = -1)
    {
        BertConfig shape = new()
        {
            ModelType = "bert",
            VocabularySize = 20,
            HiddenSize = 32,
            Layers = 2,
            Heads = 4,
            IntermediateSize = 48,
            Positions = 64,
            FirstPosition = 0,
            Types = 2,
            Activation = DecoderActivation.Gelu,
            NormEpsilon = 1e-5,
        };
        EncoderFixture.Write(
            folder,
            """
            {"model_type": "bert", "vocab_size": 20, "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 48,
             "max_position_embeddings": 64, "type_vocab_size": 2}
            """,
            BertConfig.Tensors(shape),
            seed: 3,
            spoil: (name, numbers) =>
            {
                if (badRow >= 0 && name == "embeddings.word_embeddings.weight")
                    numbers[badRow * 32] = float.NaN;
            }
        );
    }
}
