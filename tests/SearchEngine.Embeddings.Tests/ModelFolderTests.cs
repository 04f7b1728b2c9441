using System.Numerics.Tensors;
using System.Text.Json.Nodes;
using Xunit;

namespace SearchEngine.Embeddings.Tests;

/// <summary>Layouts of model folders, merging, inspection, and what is refused.</summary>
public class ModelFolderTests
{
    [Fact]
    public async Task AdapterFolderFindsItsBaseAndMergedFolderEqualsIt()
    {
        using var scratch = TextModel.Create();
        using ScratchFolder adapters = new();
        string first = Path.Combine(adapters.Path, "mntp"),
            second = Path.Combine(adapters.Path, "simcse"),
            merged = Path.Combine(adapters.Path, "merged");
        TextModel.WriteAdapter(scratch.Path, first, scratch.Path, seed: 1);
        TextModel.WriteAdapter(scratch.Path, second, "organisation/mntp", seed: 2);
        new Llm2VecConfig
        {
            Pooling = PoolingMode.WeightedMean,
            SkipInstruction = false,
            MaxLength = 99,
        }.Write(second);
        var texts = TextModel.Texts(5);

        using var chained = Llm2VecEmbeddingGenerator.Load(new Llm2VecOptions { ModelPath = second, Device = "cpu" });
        Assert.Equal(99, chained.MaxLength);
        using var given = GeneratorTests.Load(
            scratch,
            o => o with { Adapters = [first, second], Pooling = PoolingMode.WeightedMean, SkipInstruction = false, MergeAdapters = false }
        );
        ModelMerger.Merge(second, [], merged);
        using var alone = Llm2VecEmbeddingGenerator.Load(new Llm2VecOptions { ModelPath = merged, Device = "cpu" });
        var wanted = await chained.EmbedAsync(texts);
        var apart = await given.EmbedAsync(texts);
        var standing = await alone.EmbedAsync(texts);
        for (var i = 0; i < texts.Length; i++)
        {
            Assert.InRange(Fixtures.LargestDifference(wanted[i], apart[i]), 0, 1e-5);
            Assert.InRange(Fixtures.LargestDifference(wanted[i], standing[i]), 0, 1e-5);
        }
        Assert.Throws<IOException>(() => ModelMerger.Merge(scratch.Path, [first], merged));
        Assert.Equal(["merged", "mntp", "simcse"], Directory.EnumerateDirectories(adapters.Path).Select(Path.GetFileName).Order());
    }

    [Fact]
    public async Task SentenceTransformersFolderIsFollowed()
    {
        using var scratch = TextModel.Create(extra: folder =>
        {
            File.WriteAllText(
                Path.Combine(folder, "modules.json"),
                """
                [{"idx":0,"name":"0","path":"","type":"sentence_transformers.models.Transformer"},
                 {"idx":1,"name":"1","path":"1_Pooling","type":"sentence_transformers.models.Pooling"},
                 {"idx":2,"name":"2","path":"2_Dense","type":"sentence_transformers.models.Dense"},
                 {"idx":3,"name":"3","path":"3_Normalize","type":"sentence_transformers.models.Normalize"}]
                """
            );
            Directory.CreateDirectory(Path.Combine(folder, "1_Pooling"));
            File.WriteAllText(
                Path.Combine(folder, "1_Pooling", "config.json"),
                """{"word_embedding_dimension":32,"pooling_mode_cls_token":false,"pooling_mode_mean_tokens":false,"pooling_mode_lasttoken":true,"include_prompt":true}"""
            );
            File.WriteAllText(
                Path.Combine(folder, "config_sentence_transformers.json"),
                """{"prompts":{"query":"Query: ","document":""},"default_prompt_name":null}"""
            );
            File.WriteAllText(Path.Combine(folder, "sentence_bert_config.json"), """{"max_seq_length": 40, "do_lower_case": false}""");
            var dense = Path.Combine(folder, "2_Dense");
            Directory.CreateDirectory(dense);
            File.WriteAllText(
                Path.Combine(dense, "config.json"),
                """{"in_features":32,"out_features":3,"bias":true,"activation_function":"torch.nn.modules.activation.Tanh"}"""
            );
            SafetensorsWriter.Write(
                Path.Combine(dense, "model.safetensors"),
                [
                    SafetensorsTensor.FromFloats("linear.weight", [3, 32], [.. Enumerable.Range(0, 96).Select(i => (i % 7 - 3) * 0.05f)]),
                    SafetensorsTensor.FromFloats("linear.bias", [3], [0.1f, -0.2f, 0.3f]),
                ]
            );
        });
        using var generator = GeneratorTests.Load(scratch, o => o);
        Assert.Equal(3, generator.Dimension);
        Assert.Equal(40, generator.MaxLength);
        var actual = (await generator.EmbedAsync(["vector"], EmbeddingRole.Query))[0];

        using var model = CheckpointLoader.Load(scratch.Path);
        model.Causal = true;
        var ids = TextTokenizer.Load(scratch.Path).Encode("Query: ", "vector", 40).Ids;
        var pooled = GeneratorTests.MeanOf(model, ids, ids.Length - 1, ids.Length);
        var wanted = new float[3];
        for (var row = 0; row < 3; row++)
        {
            var sum =
                row == 0 ? 0.1
                : row == 1 ? -0.2
                : 0.3;
            for (var i = 0; i < 32; i++)
                sum += ((row * 32 + i) % 7 - 3) * 0.05f * (double)pooled[i];
            wanted[row] = (float)Math.Tanh(sum);
        }
        TensorPrimitives.Divide(wanted, TensorPrimitives.Norm(wanted), wanted);
        Assert.InRange(Fixtures.LargestDifference(wanted, actual), 0, 1e-5);
        Assert.Contains(ModelInspector.Inspect(scratch.Path).Properties, p => p is { Key: "attention", Value: "causal" });
    }

    [Fact]
    public void InspectionTellsWhatWasUnderstood()
    {
        var description = ModelInspector.Inspect(Fixtures.Folder("llama3-rope"));
        var properties = description.Properties.ToDictionary(p => p.Key, p => p.Value);
        Assert.Equal("llama", description.Architecture);
        Assert.Equal("plain", description.Layout);
        Assert.Contains("llama3 scaling by 8", properties["rotary embedding"], StringComparison.Ordinal);
        Assert.Equal("tied to the embedding", properties["LM head"]);
        Assert.Equal("48", properties["dimension"]);
        Assert.Contains("F32", properties["weights"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("rope_scaling", """{"type":"mystery","factor":4}""", "mystery")]
    [InlineData("rope_scaling", """{"rope_type":"llama3","factor":4}""", "low_freq_factor")]
    [InlineData("rope_scaling", """{"rope_type":"linear","factor":4,"surprise":2}""", "surprise")]
    [InlineData("partial_rotary_factor", "0.5", "partial_rotary_factor")]
    [InlineData("hidden_act", "\"relu\"", "relu")]
    [InlineData("attn_logit_softcapping", "30", "attn_logit_softcapping")]
    [InlineData("sliding_window", "128", "sliding_window")]
    [InlineData("residual_multiplier", "0.2", "residual_multiplier")]
    [InlineData("quantization_config", """{"bits":4}""", "quantization_config")]
    [InlineData("num_experts", "8", "num_experts")]
    [InlineData("model_type", "\"t5\"", "t5")]
    [InlineData("num_attention_heads", "5", "num_attention_heads")]
    [InlineData("num_key_value_heads", "3", "num_key_value_heads")]
    [InlineData("hidden_size", "-4", "hidden_size")]
    [InlineData("hidden_size", "\"big\"", "hidden_size")]
    [InlineData("hidden_size", "64", "shape")]
    [InlineData("num_hidden_layers", "3", "missing")]
    [InlineData("num_hidden_layers", "1", "model.layers.1.")]
    [InlineData("mlp_bias", "true", "missing")]
    public void ConfigurationThatCannotBeFollowedIsRefusedByName(string field, string value, string named)
    {
        using var scratch = Fixtures.Copy("llama");
        var path = Path.Combine(scratch.Path, "config.json");
        var config = JsonNode.Parse(File.ReadAllText(path))!;
        config[field] = JsonNode.Parse(value);
        File.WriteAllText(path, config.ToJsonString());
        var fault = Assert.Throws<ModelFormatException>(() => GeneratorTests.Load(scratch, o => o).Dispose());
        Assert.Contains(named, fault.Message, StringComparison.Ordinal);
        Assert.Contains(scratch.Path, fault.Message, StringComparison.Ordinal);
        Assert.Throws<ModelFormatException>(() => ModelInspector.Inspect(scratch.Path));
    }

    [Theory]
    [InlineData("""{"is_causal":false}""", null, "bidirectional")]
    [InlineData("""{"is_causal":true}""", null, "causal")]
    [InlineData("""{"is_causal":true}""", true, "bidirectional")]
    [InlineData("{}", null, "bidirectional")]
    [InlineData("{}", false, "causal")]
    public void AttentionIsWhatTheFolderSays(string fields, bool? stated, string wanted)
    {
        using var scratch = Fixtures.Copy("llama");
        var path = Path.Combine(scratch.Path, "config.json");
        var config = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        foreach ((var name, var value) in JsonNode.Parse(fields)!.AsObject())
            config[name] = value!.DeepClone();
        File.WriteAllText(path, config.ToJsonString());
        new Llm2VecConfig { Bidirectional = stated, Normalize = false }.Write(scratch.Path);
        Assert.Contains(ModelInspector.Inspect(scratch.Path).Properties, p => p.Key == "attention" && p.Value == wanted);
    }

    [Fact]
    public void UnknownFieldsMayBeVouchedFor()
    {
        using var scratch = Fixtures.Copy("llama");
        var path = Path.Combine(scratch.Path, "config.json");
        var config = JsonNode.Parse(File.ReadAllText(path))!;
        config["vendor_note"] = "fine";
        File.WriteAllText(path, config.ToJsonString());
        Assert.Throws<ModelFormatException>(() => GeneratorTests.Load(scratch, o => o).Dispose());
        GeneratorTests.Load(scratch, o => o with { IgnoredConfigFields = ["vendor_note"] }).Dispose();
    }

    [Fact]
    public void DamagedAndForeignFilesGiveOneClearError()
    {
        Assert.Contains("no such folder", Fault(Path.Combine(Path.GetTempPath(), "surely-not-there")), StringComparison.Ordinal);
        using (ScratchFolder empty = new())
            Assert.Contains("config.json", Fault(empty.Path), StringComparison.Ordinal);
        using (var scratch = Fixtures.Copy("llama"))
        {
            var weights = Path.Combine(scratch.Path, "model.safetensors");
            var bytes = File.ReadAllBytes(weights);
            File.WriteAllBytes(weights, bytes[..(bytes.Length / 2)]);
            Assert.Contains("model.safetensors", Fault(scratch.Path), StringComparison.Ordinal);
            File.Delete(weights);
            Assert.Contains("model.safetensors", Fault(scratch.Path), StringComparison.Ordinal);
            File.WriteAllText(Path.Combine(scratch.Path, "config.json"), "{ not json");
            Assert.Contains("JSON", Fault(scratch.Path), StringComparison.Ordinal);
        }
        using (var text = TextModel.Create())
        {
            var foreign = Path.Combine(Fixtures.Folder("llama"), "adapter-mntp");
            Assert.Contains("another model", Fault(text.Path, foreign), StringComparison.Ordinal);
            Assert.Contains("adapter_config.json", Fault(text.Path, text.Path), StringComparison.Ordinal);

            // The tokenizer knows more tokens than the golden model's embedding has rows.
            using var mismatched = Fixtures.Copy("llama");
            File.Copy(Path.Combine(text.Path, "tokenizer.model"), Path.Combine(mismatched.Path, "tokenizer.model"));
            Assert.Contains("do not belong together", Fault(mismatched.Path), StringComparison.Ordinal);
        }
        using (ScratchFolder lost = new())
        {
            File.Copy(
                Path.Combine(Fixtures.Folder("llama"), "adapter-mntp", "adapter_config.json"),
                Path.Combine(lost.Path, "adapter_config.json")
            );
            Assert.Contains("'llama'", Fault(lost.Path), StringComparison.Ordinal);
        }

        static string Fault(string path, params string[] adapters) =>
            Assert
                .Throws<ModelFormatException>(() =>
                    Llm2VecEmbeddingGenerator
                        .Load(
                            new Llm2VecOptions
                            {
                                ModelPath = path,
                                Device = "cpu",
                                Adapters = adapters,
                            }
                        )
                        .Dispose()
                )
                .Message;
    }

    [Theory]
    [InlineData("peft_type", "\"IA3\"", "IA3")]
    [InlineData("bias", "\"all\"", "bias")]
    [InlineData("use_dora", "true", "lora_magnitude_vector")]
    [InlineData("rank_pattern", """{"q_proj":8}""", "this model and rank need")]
    [InlineData("fan_in_fan_out", "true", "fan_in_fan_out")]
    [InlineData("r", "0", "'r'")]
    [InlineData("r", "5", "shape")]
    public void AdaptersThatCannotBeFollowedAreRefusedByName(string field, string value, string named)
    {
        using var scratch = Fixtures.Copy("llama");
        var adapter = Path.Combine(scratch.Path, "adapter-mntp");
        var path = Path.Combine(adapter, "adapter_config.json");
        var config = JsonNode.Parse(File.ReadAllText(path))!;
        config[field] = JsonNode.Parse(value);
        File.WriteAllText(path, config.ToJsonString());
        var fault = Assert.Throws<ModelFormatException>(() => GeneratorTests.Load(scratch, o => o with { Adapters = [adapter] }).Dispose());
        Assert.Contains(named, fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gpu", "auto", "gpu")]
    [InlineData("cpu", "fp8", "fp8")]
    [InlineData("cuda:x", "auto", "cuda:x")]
    public void OptionsThatAreNotKnownAreNamed(string device, string dataType, string named)
    {
        var fault = Assert.Throws<ArgumentException>(() =>
            Llm2VecEmbeddingGenerator
                .Load(
                    new Llm2VecOptions
                    {
                        ModelPath = Fixtures.Folder("llama"),
                        Device = device,
                        DataType = dataType,
                    }
                )
                .Dispose()
        );
        Assert.Contains($"'{named}'", fault.Message, StringComparison.Ordinal);
    }
}
