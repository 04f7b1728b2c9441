using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using SearchEngine.Embeddings.Model;
using SearchEngine.Embeddings.Tests.Model;
using SearchEngine.Embeddings.Weights;
using Xunit;

namespace SearchEngine.Embeddings.Tests.Weights;

/// <summary>Folders that <see cref="ModelQuantizer"/> writes, held against the float models that they were made of.</summary>
public class QuantizedModelTests
{
    private const int Seed = 19;

    // The bounds on four bits are those of these weights.
    private const int LlamaSeed = 5;

    [Theory]
    [InlineData("llama")]
    [InlineData("qwen2")]
    [InlineData("qwen3")]
    [InlineData("gemma2")]
    [InlineData("odd")]
    [InlineData("bert")]
    [InlineData("modernbert")]
    public async Task EightBitsOfAFileGiveTheVectorsOfEightBitsMadeAtLoading(string model)
    {
        using var source = Create(model);
        using ScratchFolder scratch = new();
        var output = Path.Combine(scratch.Path, "q");
        ModelQuantizer.Quantize(source.Path, output, keepTable: true);
        Assert.Equal(await Vectors(source.Path, "int8"), await Vectors(output, "int8"));

        // With the table quantized too: as a float model would that has what the table's eight bits stand for.
        var whole = Path.Combine(scratch.Path, "whole");
        ModelQuantizer.Quantize(source.Path, whole);
        var rounded = WithTableOf(source.Path, whole, Path.Combine(scratch.Path, "rounded"));
        var expected = await Vectors(rounded, "int8");
        Assert.Equal(expected, await Vectors(whole, "int8"));
        Assert.Equal(expected, await Vectors(whole, "auto")); // quantized weights run in eight bits unless told otherwise
        Assert.NotEqual(expected, await Vectors(source.Path, "float32"));
    }

    [Theory]
    [InlineData("llama", 8)]
    [InlineData("llama", 4)]
    [InlineData("bert", 8)]
    [InlineData("bert", 4)]
    [InlineData("modernbert", 4)]
    public async Task BothRuntimesReadTheSameNumbersInFloat32(string model, int bits)
    {
        using var source = Create(model);
        using ScratchFolder scratch = new();
        var output = Path.Combine(scratch.Path, "q");
        ModelQuantizer.Quantize(source.Path, output, bits);
        var own = await Vectors(output, "float32");
        var torch = TorchVectors(output);
        var eight = await Vectors(output, "int8");
        var original = await Vectors(source.Path, "float32");
        for (var i = 0; i < own.Length; i++)
        {
            Assert.InRange(Fixtures.LargestDifference(torch[i], own[i]), 0, 1e-5);
            Assert.InRange(TensorPrimitives.CosineSimilarity(own[i], eight[i]), 0.995, 1.0001);
            Assert.InRange(TensorPrimitives.CosineSimilarity(original[i], own[i]), bits == 8 ? 0.99 : 0.8, 1.0001);
        }
    }

    [Fact]
    public void FourBitsAreWholeStepsOfTheRow()
    {
        const int Rows = 16,
            Columns = 96;
        using ScratchFolder scratch = new();
        Random random = new(Seed);
        float[] weights = [.. Enumerable.Range(0, Rows * Columns).Select(_ => (float)((random.NextDouble() - 0.5) * random.NextDouble()))];
        weights.AsSpan(3 * Columns, Columns).Clear();
        var path = Path.Combine(scratch.Path, "model.safetensors");
        SafetensorsWriter.Write(path, [SafetensorsTensor.FromFloats("w", [Rows, Columns], weights)]);
        using var original = SafetensorsSet.Open(scratch.Path);
        using ScratchFolder target = new();
        using (WeightQuantizer quantizer = new(original))
            SafetensorsWriter.Write(Path.Combine(target.Path, "model.safetensors"), quantizer.Map(original.Entries["w"], int4: true, null));
        using var quantized = SafetensorsSet.Open(target.Path);
        var entry = Assert.IsType<QuantizedEntry>(quantized.Entries["w"]);
        Assert.Equal([Rows, Columns], entry.Shape);
        var read = WeightReader.ReadArray(quantized, entry);
        var scales = QuantizedReader.Scales(quantized, entry).ToArray();
        for (var i = 0; i < read.Length; i++)
        {
            var scale = scales[i / Columns];
            if (scale == 0)
            {
                Assert.Equal(0, weights[i]);
                Assert.Equal(0, read[i]);
                continue;
            }
            var steps = read[i] / scale;
            Assert.Equal(Math.Round(steps), steps, 1e-3);
            Assert.InRange(Math.Abs(steps), 0, 126.001);

            if (i % 32 != 0)
                continue;

            // The chosen multiplier is at least as good as the smallest that cuts nothing off, which is wrong by half of its steps at most.
            var group = weights.AsSpan(i, 32);
            var coarse = Math.Ceiling(Math.Abs(TensorPrimitives.MaxMagnitude(group)) / (7 * scale) - 1e-3) * scale;
            var distance = TensorPrimitives.Distance<float>(group, read.AsSpan(i, 32));
            Assert.InRange(distance, 0, Math.Sqrt(32) * coarse / 2 * 1.001);
        }
    }

    [Theory]
    [InlineData(8, false, "linear maps to 8 bits, token table to 8 bits")]
    [InlineData(4, false, "linear maps to 4 bits, token table to 4 bits")]
    [InlineData(8, true, "token table as it was")]
    public void InspectSaysIt(int bits, bool keepTable, string wanted)
    {
        using var source = TextModel.Create();
        using ScratchFolder scratch = new();
        var output = Path.Combine(scratch.Path, "q");
        ModelQuantizer.Quantize(source.Path, output, bits, keepTable);
        var properties = ModelInspector.Inspect(output).Properties;
        Assert.Contains(wanted, properties.Single(property => property.Key == "quantized").Value, StringComparison.Ordinal);
        Assert.DoesNotContain(ModelInspector.Inspect(source.Path).Properties, property => property.Key == "quantized");
        Assert.True(File.Exists(Path.Combine(output, "tokenizer.model")));
    }

    [Fact]
    public async Task AQuantizedModelIsAnotherModel()
    {
        using var source = TextModel.Create();
        using ScratchFolder scratch = new();
        var output = Path.Combine(scratch.Path, "q");
        ModelQuantizer.Quantize(source.Path, output);
        using var own = Llm2VecEmbeddingGenerator.Load(source.Path);
        using var quantized = Llm2VecEmbeddingGenerator.Load(output);
        Assert.NotEqual(own.Fingerprint, quantized.Fingerprint);
        Assert.Contains("int8", quantized.Compute, StringComparison.Ordinal);
        var texts = TextModel.Texts(20);
        var all = await quantized.EmbedAsync(texts);
        for (var i = 0; i < texts.Length; i++)
            Assert.Equal((await quantized.EmbedAsync([texts[i]]))[0], all[i]); // alone and among others: the very same bits
    }

    [Fact]
    public void WhatCannotBeQuantizedIsSaid()
    {
        using var source = TextModel.Create();
        using ScratchFolder scratch = new();
        var output = Path.Combine(scratch.Path, "q");
        Assert.Throws<ArgumentOutOfRangeException>(() => ModelQuantizer.Quantize(source.Path, output, bits: 5));
        ModelQuantizer.Quantize(source.Path, output);
        Assert.Contains("already", Refused(() => ModelQuantizer.Quantize(output, output + "2")), StringComparison.Ordinal);
        Assert.Contains(
            "not empty",
            Assert.Throws<IOException>(() => ModelQuantizer.Quantize(source.Path, output)).Message,
            StringComparison.Ordinal
        );
        var adapter = Path.Combine(scratch.Path, "adapter");
        TextModel.WriteAdapter(output, adapter, "q", Seed);
        Assert.Contains("adapters", Refused(() => ModelQuantizer.Quantize(adapter, output + "2")), StringComparison.Ordinal);
        Assert.Contains("float model", Refused(() => Llm2VecEmbeddingGenerator.Load(adapter)), StringComparison.Ordinal);
        Assert.Contains("float model", Refused(() => ModelMerger.Merge(output, [adapter], output + "2")), StringComparison.Ordinal);
        Assert.False(Directory.Exists(output + "2"));

        const string Name = "model.layers.0.mlp.up_proj.weight";
        Change(
            source.Path,
            (tensors, set) =>
                tensors[Name] = tensors[Name] with
                {
                    WriteTo = stream =>
                    {
                        var values = WeightReader.ReadArray(set, set.Entries[Name]);
                        values[5] = float.PositiveInfinity;
                        stream.Write(MemoryMarshal.AsBytes<float>(values));
                    },
                }
        );
        Assert.Contains(Name, Refused(() => ModelQuantizer.Quantize(source.Path, output + "2")), StringComparison.Ordinal);
    }

    public static TheoryData<string, string, string> Faults() =>
        new()
        {
            { "llama", "drop " + Up + "_scale", Up + "_scale" },
            { "llama", "drop " + Up + "_sum", Up + "_sum" },
            { "llama", "drop " + Up + "_int8_panels", Up },
            { "llama", "shorten " + Up + "_scale", Up + "_scale" },
            { "llama", "shorten " + Up + "_int8_panels", Up },
            { "llama", "spoil " + Up + "_scale", "no scale" },
            { "llama", "spoil " + Table + "_scale", "no scale" },
            { "llama", "spoil " + Table + "_column", "no scale" },
            { "llama", "shorten " + Table + "_column", Table + "_column" },
            { "llama", "rename " + Table + "_int8_rows " + Table + "_int8_panels", Table },
            { "llama", "config drop", "quantization_config" },
            { "llama", "config method", "'awq'" },
            { "llama", "config format", "format 9" },
            { "llama", "config bits", "'bits'" },
            { "float", "config add", "none is" },
            { "llama4", "spoil " + Up + "_multiplier", "four bits" },
            { "llama4", "drop " + Up + "_multiplier", Up + "_multiplier" },
            { "bert", "spoil encoder.layer.0.intermediate.dense.weight_wide_input", "no column" },
            { "bert", "drop encoder.layer.0.intermediate.dense.weight_wide", "weight_wide" },
        };

    private const string Up = "model.layers.1.mlp.up_proj.weight";
    private const string Table = "model.embed_tokens.weight";

    [Theory]
    [MemberData(nameof(Faults))]
    public void ADamagedOrForeignFileIsRefusedInOneSentence(string model, string fault, string named)
    {
        using var source = Create(model.TrimEnd('4') is "float" ? "llama" : model.TrimEnd('4'));
        using ScratchFolder scratch = new();
        var folder = Path.Combine(scratch.Path, "q");
        if (model == "float")
            folder = source.Path;
        else
            ModelQuantizer.Quantize(source.Path, folder, model.EndsWith('4') ? 4 : 8);
        switch (fault.Split(' '))
        {
            case ["drop", var name]:
                Change(folder, (tensors, _) => Assert.True(tensors.Remove(name)));
                break;
            case ["rename", var name, var other]:
                Change(folder, (tensors, _) => tensors[name] = tensors[name] with { Name = other });
                break;
            case ["shorten", var name]:
                Change(
                    folder,
                    (tensors, _) =>
                        tensors[name] = SafetensorsTensor.FromBytes(
                            name,
                            tensors[name].DataType,
                            [tensors[name].Shape[0] - 1, .. tensors[name].Shape[1..]],
                            new byte[
                                tensors[name].Shape[1..].Aggregate(tensors[name].Shape[0] - 1, (a, b) => a * b)
                                    * tensors[name].DataType.ElementSize()
                            ]
                        )
                );
                break;
            case ["spoil", var name]:
                Change(
                    folder,
                    (tensors, set) =>
                    {
                        var bytes = set.Bytes(set.Stored[name]).ToArray();
                        bytes.AsSpan(0, 4).Fill(0xff); // not a number, -1, and no multiplier
                        tensors[name] = SafetensorsTensor.FromBytes(name, tensors[name].DataType, tensors[name].Shape, bytes);
                    }
                );
                break;
            default:
                ChangeConfig(folder, fault);
                break;
        }
        var message = Refused(() => Llm2VecEmbeddingGenerator.Load(new Llm2VecOptions { ModelPath = folder, DataType = "int8" }));
        Assert.Contains(named, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    [Fact]
    public void AFlippedBitOfAMapIsFoundByInspect()
    {
        using var source = TextModel.Create();
        using ScratchFolder scratch = new();
        var output = Path.Combine(scratch.Path, "q");
        ModelQuantizer.Quantize(source.Path, output);
        var path = Path.Combine(output, "model.safetensors");
        SafetensorsEntry panels;
        using (var set = SafetensorsSet.Open(output))
            panels = set.Stored[Up + "_int8_panels"];
        Assert.Equal(0, panels.Offset % 64); // kernels load whole cache lines
        using (FileStream file = new(path, FileMode.Open, FileAccess.ReadWrite))
        {
            file.Position = panels.Offset + 77;
            var value = file.ReadByte();
            file.Position--;
            file.WriteByte((byte)(value ^ 4));
        }
        Assert.Contains(Up, Refused(() => ModelInspector.Inspect(output)), StringComparison.Ordinal);
    }

    private static void ChangeConfig(string folder, string fault)
    {
        var path = Path.Combine(folder, "config.json");
        var config = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        switch (fault)
        {
            case "config drop":
                config.Remove(WeightQuantization.Field);
                break;
            case "config method":
                config[WeightQuantization.Field]!["quant_method"] = "awq";
                break;
            case "config format":
                config[WeightQuantization.Field]!["format"] = 9;
                break;
            case "config bits":
                config[WeightQuantization.Field]!["bits"] = 3;
                break;
            case "config add":
                config[WeightQuantization.Field] = new WeightQuantization(8, 8).ToJson();
                break;
            default:
                throw new ArgumentException(fault);
        }
        File.WriteAllText(path, config.ToJsonString());
    }

    /// <summary>Writes a folder's weights again, changed.</summary>
    private static void Change(string folder, Action<Dictionary<string, SafetensorsTensor>, SafetensorsSet> change)
    {
        using var scratch = new ScratchFolder();
        var path = Path.Combine(folder, "model.safetensors");
        File.Copy(path, Path.Combine(scratch.Path, "model.safetensors"));
        using var file = SafetensorsFile.Open(path);
        var tensors = file.Entries.Values.ToDictionary(
            entry => entry.Name,
            entry => SafetensorsTensor.FromBytes(entry.Name, entry.DataType, entry.Shape, file.Bytes(entry).ToArray())
        );
        using (var set = SafetensorsSet.Open(folder))
        {
            change(tensors, set);
            SafetensorsWriter.Write(path, [.. tensors.Values]);
        }
    }

    /// <summary>A copy of a float model with the token table of a quantized one, in float32.</summary>
    private static string WithTableOf(string source, string quantized, string target)
    {
        Directory.CreateDirectory(target);
        foreach (var file in Directory.EnumerateFiles(source))
            File.Copy(file, Path.Combine(target, Path.GetFileName(file)));
        using var set = SafetensorsSet.Open(quantized);
        var table = set.Entries.Values.OfType<QuantizedEntry>().Single(entry => entry.Form == QuantizedForm.Int8Rows);
        Change(
            target,
            (tensors, _) => tensors[table.Name] = SafetensorsTensor.FromFloats(table.Name, table.Shape, WeightReader.ReadArray(set, table))
        );
        return target;
    }

    private static string Refused(Action load) => Assert.Throws<ModelFormatException>(load).Message;

    private static ScratchFolder Create(string model) => SmallModels.Create(model, model is "bert" or "modernbert" ? Seed : LlamaSeed);

    private static async Task<float[][]> Vectors(string folder, string dataType)
    {
        using var generator = Llm2VecEmbeddingGenerator.Load(
            new Llm2VecOptions
            {
                ModelPath = folder,
                Device = "cpu",
                DataType = dataType,
            }
        );
        return await generator.EmbedTokensAsync(SmallModels.Texts(Seed));
    }

    private static float[][] TorchVectors(string folder)
    {
        TorchRuntime.EnsureLoaded();
        EncoderInput[] inputs = [.. SmallModels.Texts(Seed).Select(ids => new EncoderInput(ids, 0, ids.Length))];
        float[][] vectors;
        if (ModelConfigReader.IsEncoder(folder))
        {
            using var runtime = Runtime.Load(folder, "torch", ModelFolder.Read(folder).Pooling);
            vectors = runtime.EmbedAsync(SmallModels.Texts(Seed)).GetAwaiter().GetResult();
        }
        else
        {
            var model = CheckpointLoader.Load(folder, withHead: false);
            model.Causal = false;
            using TorchEncoder encoder = new(new SharedModel(model), PoolingMode.Mean);
            vectors = encoder.Encode(inputs);
        }
        foreach (var vector in vectors)
            TensorPrimitives.Divide(vector, TensorPrimitives.Norm(vector), vector);
        return vectors;
    }
}
