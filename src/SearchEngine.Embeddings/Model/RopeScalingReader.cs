using System.Text.Json;

namespace SearchEngine.Embeddings.Model;

/// <summary>Reads the object <c>rope_scaling</c> (or <c>rope_parameters</c>) of a decoder's config.json.</summary>
/// <param name="fields">The file.</param>
/// <param name="maxPositions">max_position_embeddings.</param>
/// <param name="headDim">Elements of a head.</param>
internal sealed class RopeScalingReader(ConfigReader fields, int maxPositions, int headDim)
{
    private readonly Dictionary<string, double> _numbers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, double[]> _lists = new(StringComparer.Ordinal);
    private string _name = "";
    private string _kind = "default";
    private bool _truncate = true;

    /// <summary>The scaling, or null for none; and the rotary base, where it stands here.</summary>
    /// <exception cref="ModelFormatException">Something in it is not supported.</exception>
    public (RopeScaling? Scaling, double? Theta) Read(JsonElement value, string name)
    {
        _name = name;
        if (value.ValueKind != JsonValueKind.Object)
            throw fields.Fault($"'{name}' is not a JSON object.");
        foreach (var property in value.EnumerateObject())
            Take(property);
        double? theta = _numbers.Remove("rope_theta", out var own) ? own : null;
        if (_kind is not ("default" or "linear" or "llama3" or "yarn" or "dynamic" or "longrope" or "su"))
            throw fields.Fault($"'{name}' of type '{_kind}' is not supported; supported are linear, llama3, yarn, dynamic and longrope.");
        if (_numbers.Remove("partial_rotary_factor", out var partial) && partial != 1)
            throw fields.Fault($"'{name}.partial_rotary_factor' is {partial}; only 1 is supported.");
        var scaling = Build();
        if (_numbers.Keys.Concat(_lists.Keys).FirstOrDefault() is string unknown)
            throw fields.Fault($"'{name}.{unknown}' is not supported for type '{_kind}'.");
        return (scaling, theta);
    }

    private void Take(JsonProperty property)
    {
        if (property.Name is "rope_type" or "type" && property.Value.ValueKind == JsonValueKind.String)
        {
            _kind = property.Value.GetString()!;
        }
        else if (property.Value.ValueKind == JsonValueKind.Number)
        {
            _numbers[property.Name] = property.Value.GetDouble();
        }
        else if (property.Name is "short_factor" or "long_factor" && property.Value.ValueKind == JsonValueKind.Array)
        {
            _lists[property.Name] =
            [
                .. property.Value.EnumerateArray().Select(item => item.ValueKind == JsonValueKind.Number ? item.GetDouble() : double.NaN),
            ];
        }
        else if (property.Name == "truncate" && property.Value.ValueKind is JsonValueKind.True or JsonValueKind.False)
        {
            _truncate = property.Value.GetBoolean();
        }
        else if (property.Value.ValueKind is not (JsonValueKind.Null or JsonValueKind.False))
        {
            throw fields.Fault($"'{_name}.{property.Name}' is not supported.");
        }
    }

    private RopeScaling? Build()
    {
        switch (_kind)
        {
            case "linear":
                Optional("original_max_position_embeddings");
                return new RopeScaling(RopeScalingKind.Linear, Needed("factor"));
            case "llama3":
                return new RopeScaling(
                    RopeScalingKind.Llama3,
                    Needed("factor"),
                    Needed("low_freq_factor"),
                    Needed("high_freq_factor"),
                    checked((int)Needed("original_max_position_embeddings"))
                );
            case "dynamic":
                Optional("original_max_position_embeddings");
                return new RopeScaling(RopeScalingKind.Dynamic, Needed("factor"), OriginalMaxPositions: maxPositions);
            case "yarn":
                return Yarn();
            case "longrope" or "su":
                return LongRope();
            default:
                Optional("original_max_position_embeddings");
                return null;
        }
    }

    private RopeScaling Yarn()
    {
        var factor = Needed("factor");
        double? weight = Optional("mscale"),
            all = Optional("mscale_all_dim");
        var attention =
            Optional("attention_factor")
            ?? (
                weight is > 0 && all is > 0
                    ? RopeScaling.YarnAttention(factor, weight.Value) / RopeScaling.YarnAttention(factor, all.Value)
                    : RopeScaling.YarnAttention(factor)
            );
        return new RopeScaling(
            RopeScalingKind.Yarn,
            factor,
            OriginalMaxPositions: checked((int)(Optional("original_max_position_embeddings") ?? maxPositions))
        )
        {
            FastRotations = Optional("beta_fast") ?? 32,
            SlowRotations = Optional("beta_slow") ?? 1,
            WholeEnds = _truncate,
            AttentionFactor = attention,
        };
    }

    private RopeScaling LongRope()
    {
        // Older files have the original length beside the object.
        var original = checked(
            (int)(Optional("original_max_position_embeddings") ?? fields.Integer("original_max_position_embeddings") ?? maxPositions)
        );
        var factor = Optional("factor") ?? (double)maxPositions / original;
        var attention = Optional("attention_factor") ?? (factor <= 1 ? 1 : Math.Sqrt(1 + Math.Log(factor) / Math.Log(original)));
        if (!_lists.Remove("short_factor", out var divisors) || divisors.Length != headDim / 2 || divisors.Any(divisor => !(divisor > 0)))
        {
            throw fields.Fault($"'{_name}.short_factor' is not a list of {headDim / 2} positive numbers, one for each pair of a head.");
        }
        _lists.Remove("long_factor");
        return new RopeScaling(RopeScalingKind.LongRope, factor, OriginalMaxPositions: original)
        {
            Divisors = divisors,
            AttentionFactor = attention,
        };
    }

    private double? Optional(string field) => _numbers.Remove(field, out var number) ? number : null;

    private double Needed(string field) =>
        Optional(field) is double number && number > 0 && double.IsFinite(number)
            ? number
            : throw fields.Fault($"'{_name}' of type '{_kind}' needs a positive '{field}'.");
}
