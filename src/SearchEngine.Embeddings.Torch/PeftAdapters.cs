using TorchSharp;
using static TorchSharp.torch;

namespace SearchEngine.Embeddings.Torch;

/// <summary>PEFT adapters on a <see cref="DecoderModel"/>: merged into its weights, attached beside them, written from there.</summary>
internal static class PeftAdapters
{
    /// <summary>Adds the adapter's update to a model's weights: W' = W + scale · B·A, computed in float32.</summary>
    /// <exception cref="ModelFormatException">The adapter's tensors do not fit the model.</exception>
    public static void MergeInto(this PeftAdapter adapter, DecoderModel model)
    {
        using var session = adapter.OpenFor(model.Config);
        foreach (var slot in model.WeightSlots())
        {
            if (!session.Saved.TryGetValue(slot.Name, out var whole))
                continue;
            using var guard = no_grad();
            using var rows = slot.Parameter.narrow(0, slot.FirstRow, slot.Shape[0]);
            TensorBytes.Fill(rows, session.Weights.Pointer(whole), TensorBytes.ToTorch(whole.DataType)!.Value);
        }
        for (var i = 0; i < model.Config.Layers; i++)
            MergeInto(session, model.DecoderLayers[i], i);
    }

    /// <summary>Attaches the adapter beside a model's weights, to be computed with them or trained further.</summary>
    public static void AttachTo(this PeftAdapter adapter, DecoderModel model, string name, double dropout = 0)
    {
        if (adapter.MergesOnly)
        {
            throw new ModelFormatException(
                adapter.Folder,
                "the adapter has rank_pattern, alpha_pattern, use_dora or modules_to_save, and so can only be merged into the weights; set MergeAdapters to true."
            );
        }
        using var session = adapter.OpenFor(model.Config);
        string[] targets = [.. session.Pairs.Keys.Select(place => place[(place.LastIndexOf('.') + 1)..]).Distinct()];
        model.AttachAdapter(new LoraAdapterOptions(name, adapter.Rank, adapter.Alpha, dropout, targets, adapter.RankStabilized));
        using var guard = no_grad();
        for (var i = 0; i < model.Config.Layers; i++)
        {
            foreach ((var group, var projection) in model.DecoderLayers[i].Projections())
            {
                for (var part = 0; part < projection.Parts.Count; part++)
                {
                    if (!session.Pairs.TryGetValue(DecoderShape.Place(i, group, projection.Parts[part].Name), out var pair))
                        continue;
                    var branch = projection.Branches[^1];
                    using var rows = branch.PartOfA(part);
                    TensorBytes.Fill(rows, session.Weights.Pointer(pair.A), TensorBytes.ToTorch(pair.A.DataType)!.Value);
                    TensorBytes.Fill(branch.B[part]!, session.Weights.Pointer(pair.B), TensorBytes.ToTorch(pair.B.DataType)!.Value);
                }
            }
        }
    }

    /// <summary>Writes an attached adapter as a PEFT folder in float32.</summary>
    /// <param name="model">The model it is attached to.</param>
    /// <param name="name">The adapter's name there.</param>
    /// <param name="folder">The folder, made if missing.</param>
    /// <param name="baseModel">What goes into base_model_name_or_path.</param>
    public static void Save(DecoderModel model, string name, string folder, string baseModel)
    {
        Directory.CreateDirectory(folder);
        List<SafetensorsTensor> tensors = [];
        LoraAdapterOptions? options = null;
        for (var layer = 0; layer < model.Config.Layers; layer++)
        {
            foreach ((var group, var projection) in model.DecoderLayers[layer].Projections())
            {
                if (projection.Branches.FirstOrDefault(b => b.Options.Name == name) is not LoraBranch branch)
                    continue;
                options = branch.Options;
                for (var i = 0; i < projection.Parts.Count; i++)
                {
                    if (branch.B[i] is not Tensor b)
                        continue;
                    var key = $"base_model.model.layers.{layer}.{group}{projection.Parts[i].Name}.lora_";
                    var part = i;
                    tensors.Add(
                        new SafetensorsTensor(
                            key + "A.weight",
                            SafetensorsDataType.Float32,
                            [options.Rank, projection.Inputs],
                            stream =>
                            {
                                using var a = branch.PartOfA(part);
                                TensorBytes.Write(a, ScalarType.Float32, stream);
                            }
                        )
                    );
                    tensors.Add(
                        new SafetensorsTensor(
                            key + "B.weight",
                            SafetensorsDataType.Float32,
                            b.shape,
                            stream => TensorBytes.Write(b, ScalarType.Float32, stream)
                        )
                    );
                }
            }
        }
        if (options is null)
            throw new ArgumentException($"There is no adapter '{name}' on this model.", nameof(name));
        SafetensorsWriter.Write(
            Path.Combine(folder, PeftAdapter.WeightsName + ".safetensors"),
            tensors,
            new Dictionary<string, string> { ["format"] = "pt" }
        );
        WriteConfig(options, folder, baseModel);
    }

    /// <summary>Adds the update of one layer.</summary>
    private static void MergeInto(AdapterSession session, DecoderLayer layer, int index)
    {
        using var guard = no_grad();
        foreach ((var group, var projection) in layer.Projections())
        {
            foreach (var part in projection.Parts)
            {
                if (!session.Pairs.TryGetValue(DecoderShape.Place(index, group, part.Name), out var pair))
                    continue;
                using var scope = NewDisposeScope();
                using Scalar factor = pair.Scale;
                var delta = ToTensor(session, pair.B).matmul(ToTensor(session, pair.A)).mul(factor);
                var rows = projection.Weight.narrow(0, part.Offset, part.Rows);
                var merged = rows.to(ScalarType.Float32).add(delta.to(rows.device));
                if (pair.Magnitude is not null)
                {
                    merged = merged
                        .mul(ToTensor(session, pair.Magnitude).to(rows.device).view(-1, 1))
                        .div(merged.norm(1, keepdim: true, p: 2));
                }
                rows.copy_(merged);
            }
        }
    }

    private static Tensor ToTensor(AdapterSession session, SafetensorsEntry entry)
    {
        var tensor = empty(entry.Shape, ScalarType.Float32);
        TensorBytes.Fill(tensor, session.Weights.Pointer(entry), TensorBytes.ToTorch(entry.DataType)!.Value);
        return tensor;
    }

    private static void WriteConfig(LoraAdapterOptions options, string folder, string baseModel)
    {
        JsonFile.WriteObject(
            Path.Combine(folder, PeftAdapter.ConfigFileName),
            json =>
            {
                json.WriteString("peft_type", "LORA");
                json.WriteString("base_model_name_or_path", baseModel);
                json.WriteNull("task_type");
                json.WriteBoolean("inference_mode", true);
                json.WriteNumber("r", options.Rank);
                json.WriteNumber("lora_alpha", options.Alpha);
                json.WriteNumber("lora_dropout", options.Dropout);
                json.WriteBoolean("use_rslora", options.RankStabilized);
                json.WriteString("bias", "none");
                json.WriteStartArray("target_modules");
                foreach (
                    var target in options.Targets is { Count: > 0 } targets
                        ? targets
                        : ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
                )
                {
                    json.WriteStringValue(target);
                }
                json.WriteEndArray();
            }
        );
    }
}
