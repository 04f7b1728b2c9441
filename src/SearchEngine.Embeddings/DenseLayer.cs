using System.Numerics.Tensors;

namespace SearchEngine.Embeddings;

/// <summary>A linear layer of sentence-transformers behind the pooling: y = activation(W·x + b), in float32. Thread-safe.</summary>
internal sealed class DenseLayer
{
    private readonly float[] _weight;
    private readonly float[]? _bias;
    private readonly bool _tanh;

    private DenseLayer(int inputs, int outputs, float[] weight, float[]? bias, bool tanh)
    {
        Inputs = inputs;
        Outputs = outputs;
        _weight = weight;
        _bias = bias;
        _tanh = tanh;
    }

    public int Inputs { get; }

    public int Outputs { get; }

    /// <summary>Reads config.json and model.safetensors of a Dense module.</summary>
    /// <exception cref="ModelFormatException">A file is missing or damaged, or the activation is not supported.</exception>
    public static DenseLayer Load(string folder)
    {
        var path = Path.Combine(folder, "config.json");
        var file =
            JsonFile.ReadObjectIfExists(path) ?? throw new ModelFormatException(path, "the configuration of the Dense module is missing.");
        var inputs = file.Integer("in_features") ?? throw new ModelFormatException(path, "there is no 'in_features'.");
        var outputs = file.Integer("out_features") ?? throw new ModelFormatException(path, "there is no 'out_features'.");
        if (inputs <= 0 || outputs <= 0)
            throw new ModelFormatException(path, "'in_features' and 'out_features' must be positive.");
        var activation = file.Text("activation_function") ?? "Tanh";
        var tanh = activation.EndsWith(".Tanh", StringComparison.Ordinal) || activation == "Tanh";
        if (!tanh && activation.Split('.')[^1] != "Identity")
            throw new ModelFormatException(path, $"the activation '{activation}' is not supported; supported are Tanh and Identity.");
        using var weights = SafetensorsSet.Open(folder);
        var weight = ReadTensor(weights, "linear.weight", [outputs, inputs]);
        var bias = file.Flag("bias") ?? true ? ReadTensor(weights, "linear.bias", [outputs]) : null;
        return new DenseLayer(inputs, outputs, weight, bias, tanh);
    }

    /// <param name="input">(inputs)</param>
    /// <returns>(outputs)</returns>
    public float[] Apply(ReadOnlySpan<float> input)
    {
        var output = new float[Outputs];
        for (var row = 0; row < output.Length; row++)
            output[row] = TensorPrimitives.Dot(_weight.AsSpan(row * Inputs, Inputs), input) + (_bias?[row] ?? 0);
        if (_tanh)
            TensorPrimitives.Tanh(output, output);
        return output;
    }

    private static float[] ReadTensor(SafetensorsSet weights, string name, long[] shape)
    {
        if (!weights.Entries.TryGetValue(name, out var entry))
            throw new ModelFormatException(weights.Path, $"tensor '{name}' is missing.");
        if (!entry.Shape.AsSpan().SequenceEqual(shape))
        {
            throw new ModelFormatException(
                weights.Path,
                $"tensor '{name}' has shape [{string.Join(", ", entry.Shape)}], but config.json asks for [{string.Join(", ", shape)}]."
            );
        }
        return WeightReader.ReadArray(weights, entry);
    }
}
