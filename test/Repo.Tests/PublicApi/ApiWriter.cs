using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;

namespace Repo.Tests.PublicApi;

/// <summary>Writes what an assembly's users can see, one line per type and member, in an order that does not change.</summary>
internal static class ApiWriter
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    internal static string Write(Assembly assembly)
    {
        var text = new StringBuilder();
        foreach (Type type in assembly.GetTypes().Where(IsVisible).OrderBy(static type => type.FullName, StringComparer.Ordinal))
        {
            text.Append(Declaration(type)).Append('\n');
            foreach (string member in Members(type).Order(StringComparer.Ordinal))
                text.Append("    ").Append(member).Append('\n');
        }

        return text.ToString();
    }

    private static bool IsVisible(Type type) => type.IsNested ? IsVisible(type.DeclaringType!) && (type.IsNestedPublic || type.IsNestedFamily || type.IsNestedFamORAssem) : type.IsPublic;

    private static bool IsVisible(MethodBase? method) => method is { IsPublic: true } or { IsFamily: true } or { IsFamilyOrAssembly: true };

    private static string Declaration(Type type)
    {
        string kind = type switch
        {
            { IsEnum: true } => "enum",
            { IsInterface: true } => "interface",
            { IsValueType: true } => (IsReadOnly(type) ? "readonly " : "") + (type.IsByRefLike ? "ref struct" : "struct"),
            _ when typeof(Delegate).IsAssignableFrom(type) => "delegate",
            { IsAbstract: true, IsSealed: true } => "static class",
            { IsAbstract: true } => "abstract class",
            { IsSealed: true } => "sealed class",
            _ => "class",
        };
        IEnumerable<string> bases = type.IsEnum || typeof(Delegate).IsAssignableFrom(type)
            ? []
            : type.GetInterfaces().Where(static @interface => @interface.IsVisible).Select(ApiNames.Of).Order(StringComparer.Ordinal);
        if (type.IsEnum)
            bases = [ApiNames.Of(type.GetEnumUnderlyingType())];
        else if (type is { IsClass: true, BaseType: { } parent } && parent != typeof(object) && !typeof(Delegate).IsAssignableFrom(type))
            bases = bases.Prepend(ApiNames.Of(parent));
        string list = string.Join(", ", bases);
        return $"{kind} {ApiNames.Of(type)}{(list.Length > 0 ? " : " + list : "")}";
    }

    private static bool IsReadOnly(Type type) => type.IsDefined(typeof(IsReadOnlyAttribute), false);

    private static IEnumerable<string> Members(Type type)
    {
        if (type.IsEnum)
            return type.GetFields(BindingFlags.Public | BindingFlags.Static).Select(static field => $"{field.Name} = {Convert.ToInt64(field.GetRawConstantValue(), CultureInfo.InvariantCulture)}");
        if (typeof(Delegate).IsAssignableFrom(type))
            return [Method(type.GetMethod("Invoke")!)];
        return type.GetConstructors(Declared).Where(IsVisible).Where(static constructor => !constructor.IsStatic).Select(static constructor => $"{Access(constructor)}.ctor({ApiNames.Parameters(constructor)})")
            .Concat(type.GetFields(Declared).Where(static field => field.IsPublic || field.IsFamily).Select(Field))
            .Concat(type.GetProperties(Declared).Where(static property => IsVisible(property.GetMethod) || IsVisible(property.SetMethod)).Select(Property))
            .Concat(type.GetEvents(Declared).Where(static @event => IsVisible(@event.AddMethod)).Select(static @event => $"{Access(@event.AddMethod!)}event {ApiNames.Of(@event.EventHandlerType!)} {@event.Name}"))
            .Concat(type.GetMethods(Declared).Where(IsVisible).Where(IsWritten).Select(Method));
    }

    // Accessors are written with their property; what the compiler adds to records says nothing.
    private static bool IsWritten(MethodInfo method) =>
        (!method.IsSpecialName || method.Name.StartsWith("op_", StringComparison.Ordinal)) && !method.IsDefined(typeof(CompilerGeneratedAttribute), false);

    private static string Field(FieldInfo field)
    {
        string modifier = field.IsLiteral ? "const " : (field.IsStatic ? "static " : "") + (field.IsInitOnly ? "readonly " : "");
        string value = field.IsLiteral ? " = " + Convert.ToString(field.GetRawConstantValue(), CultureInfo.InvariantCulture) : "";
        return $"{(field.IsFamily ? "protected " : "")}{modifier}{ApiNames.Of(field.FieldType)} {field.Name}{value}";
    }

    private static string Property(PropertyInfo property)
    {
        MethodInfo accessor = IsVisible(property.GetMethod) ? property.GetMethod! : property.SetMethod!;
        bool init = property.SetMethod?.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit)) == true;
        string accessors = (IsVisible(property.GetMethod) ? "get; " : "") + (IsVisible(property.SetMethod) ? (init ? "init; " : "set; ") : "");
        string required = property.IsDefined(typeof(RequiredMemberAttribute), false) ? "required " : "";
        string index = property.GetIndexParameters().Length > 0 ? $"[{ApiNames.Parameters(property.GetIndexParameters())}]" : "";
        return $"{Access(accessor)}{Modifiers(accessor)}{required}{ApiNames.Of(property.PropertyType)} {property.Name}{index} {{ {accessors}}}";
    }

    private static string Method(MethodInfo method) =>
        $"{Access(method)}{Modifiers(method)}{ApiNames.Of(method.ReturnType)} {method.Name}{ApiNames.Arguments(method)}({ApiNames.Parameters(method)})";

    private static string Access(MethodBase method) => method.IsPublic ? "" : "protected ";

    private static string Modifiers(MethodInfo method) => method switch
    {
        { IsStatic: true } => "static ",
        { DeclaringType.IsInterface: true } => "",
        { IsAbstract: true } => "abstract ",
        { IsVirtual: true, IsFinal: false } when method.GetBaseDefinition() != method => "override ",
        { IsVirtual: true, IsFinal: false } => "virtual ",
        _ => "",
    };
}
